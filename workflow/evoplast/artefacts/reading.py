"""What goes wrong while a file is read, as one sentence with the right advice.

In: a path, what kind of file it should be, what to do with a broken one. Out: a
``UserError``. Only a broken file is to be deleted: one that is locked, not permitted
or too large for the memory may be a good result.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evoplast.artefacts.errors import UserError

LOCK_VARIABLE = "HDF5_USE_FILE_LOCKING"
# What an operating system says of files that it keeps from us.
_WITHHELD: tuple[int, ...] = (errno.EACCES, errno.EPERM, errno.EMFILE)
_WITHHELD += (errno.ENFILE, errno.EIO)
_WITHHELD += (errno.ESTALE, errno.ETIMEDOUT, errno.EINTR)
_NO_LOCKS = (errno.EAGAIN, errno.ENOLCK, errno.EDEADLK)


@contextmanager
def reading(
    path: str | Path, kind: str, advice: str, errors: tuple = (Exception,)
) -> Iterator[None]:
    """Turn what goes wrong inside into one sentence about ``path``.

    ``kind``: what it should be, such as "NetCDF file"; ``advice``: what to do with a
    broken one, in the imperative; ``errors``: what damage looks like, all by default,
    because a damaged file can fail in any way inside the libraries that read it.

    Raises:
        UserError: the file is missing, withheld, locked, too large or broken.
    """
    try:
        yield
    except UserError:
        raise
    except errors as error:
        raise UserError(_sentence(Path(path), kind, advice, error)) from error


def _sentence(path: Path, kind: str, advice: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if "unable to lock file" in str(error) or number in _NO_LOCKS:
        return (
            f"{path} cannot be opened because another program holds it open or its "
            f"file system has no locks ({_reason(error)}); close that program, or set "
            f"{LOCK_VARIABLE}=FALSE in the environment if nothing writes the file."
        )
    if isinstance(error, MemoryError):
        return (
            f"{path} does not fit into the memory, or is no {kind}; free memory or "
            "check the file."
        )
    if number in _WITHHELD:
        return (
            f"{path} cannot be read ({_reason(error)}); check the file's permissions "
            "and the disk, then run again."
        )
    if not path.exists():
        return f"{path} does not exist; check the path or run the stage that makes it."
    return (
        f"{path} is not a readable {kind} (truncated by an interrupted run, or "
        f"damaged?); {advice}."
    )


def _reason(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error)
    return " ".join(words.replace(". ", ", ").split()).rstrip(".")
