"""What every script of the workflow starts with: its log, threads and errors.

In: the ``snakemake`` object of a script. Out: the provenance of its results. A user's
mistake ends the job with one sentence; anything else leaves its traceback in the log.
"""

import errno
import logging
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from evoplast.artefacts.errors import UserError
from evoplast.jobs.threads import limit_devices, limit_threads

# Linux counts in kilobytes, macOS in bytes.
_UNITS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10
# What an operating system says when a disk is full or a place is not ours to write.
_NO_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def job(snakemake: SimpleNamespace) -> Iterator[dict]:
    """Run the body as one job of the workflow; yield the provenance of its results.

    The body does the imports, too: JAX takes its threads and devices when it is
    imported, and an import that fails belongs in the log.
    """
    log = _open_log(snakemake.log[0])
    try:
        limit_threads(snakemake.threads)
        limit_devices(snakemake.resources.get("gpu", 0))
        yield provenance(snakemake)
    except Exception as error:
        sentence = _sentence(snakemake, error)
        if sentence:
            log.error("%s", sentence)
        else:
            log.exception("%s failed", snakemake.rule)
        sys.exit(1)


def _sentence(snakemake: SimpleNamespace, error: Exception) -> str | None:
    """Return one sentence for what a user can mend; None for a fault of ours."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
        used_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _UNITS_PER_MB
        return (
            f"{snakemake.rule} ran out of memory: it had {used_mb} MB and wanted more "
            f"({_first_line(error)}), and its rule plans {_planned_mb(snakemake)} MB; "
            "free memory, run fewer jobs at once, or lower simulation.lanes."
        )
    if isinstance(error, OSError) and error.errno in _NO_PLACE:
        return (
            f"{error.filename or 'A file'} could not be written ({error.strerror}); "
            "free some disk space or check the permissions, then run again."
        )
    return None


def _first_line(error: Exception) -> str:
    words = (str(error).splitlines() or [""])[0].replace(". ", ", ").rstrip(".")
    return words or type(error).__name__


def _planned_mb(snakemake: SimpleNamespace) -> object:
    return snakemake.resources.get("mem_mb", "an unknown number of")


def provenance(snakemake: SimpleNamespace) -> dict:
    """Return what made the results of a job: rule, wildcards, settings, source."""
    return {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "settings": snakemake.params.settings,
        "source": snakemake.params.source,
    }


def _open_log(path: str) -> logging.Logger:
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(path))
    except OSError as error:
        sys.exit(
            f"The log {path} cannot be written ({error.strerror}); free some disk "
            "space or check the permissions of its folder, then run again."
        )
    # A log that can no longer be written must not hide what it should have said.
    logging.raiseExceptions = False
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s", handlers=handlers, force=True
    )
    logging.captureWarnings(True)
    log = logging.getLogger("evoplast")
    log.setLevel(logging.INFO)
    return log
