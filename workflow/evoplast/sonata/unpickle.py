"""Pickles of arrays, read without running code.

In: a pickle file. Out: its arrays of numbers or text, in built-in containers. Loading
a pickle can import and call anything. Here every name stands for one of a few
functions of this module, and arrays are made from their bytes alone: neither dtypes
of Python objects, whose bytes would be taken for pointers, nor a dtype's other state
(item size, fields) are accepted from a file.
"""

import codecs
import pickle
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np

from evoplast.artefacts.errors import UserError

# Booleans, numbers and text of a stated size.
_DTYPE = re.compile(r"b1|[iu][1248]|f[248]|c(8|16)|[SU]\d{1,6}")


class _Refused(pickle.UnpicklingError):
    """What the file holds is not read; the text says what."""


class _Dtype:
    """A dtype in the making: the file may set its byte order and nothing else."""

    def __init__(self, text: str, *options: object):
        if not (isinstance(text, str) and _DTYPE.fullmatch(text)):
            raise _Refused(f"an array of the type {text!r}")
        self.dtype = np.dtype(text)

    def __setstate__(self, state: tuple) -> None:
        _, order, *parts = state
        if order not in ("<", ">", "|", "=") or any(x is not None for x in parts[:3]):
            raise _Refused("an array of records")
        self.dtype = self.dtype.newbyteorder(order)


class _Array:
    """An array in the making: shape, dtype and bytes come as its state."""

    def __init__(self, *unused: object):
        self.value: np.ndarray | None = None

    def __setstate__(self, state: tuple) -> None:
        _, shape, dtype, fortran, data = state
        self.value = _array(data, dtype, shape, "F" if fortran else "C")


def _array(data: object, dtype: object, shape: tuple, order: str) -> np.ndarray:
    if not isinstance(dtype, _Dtype) or isinstance(data, list):
        raise _Refused("an array of Python objects")
    if not isinstance(data, str | bytes | bytearray) or order not in ("C", "F"):
        raise _Refused("an array that is none")
    raw = data.encode("latin1") if isinstance(data, str) else bytes(data)
    row_first: Literal["C", "F"] = "C" if order == "C" else "F"
    return (
        np.frombuffer(raw, dtype.dtype).reshape(shape, order=row_first).copy(row_first)
    )


def _scalar(dtype: object, data: object) -> Any:
    return _array(data, dtype, (), "C")[()]


def _latin1(text: str, encoding: str) -> bytes:
    """Return the bytes that Python 3 pickled as text for protocol 2."""
    if encoding != "latin1":
        raise _Refused(f"text in the encoding {encoding}")
    return codecs.latin_1_encode(text)[0]


def _bytes(kind: type):
    def make(*arguments: object) -> object:
        if any(isinstance(each, int) for each in arguments[:1]):
            raise _Refused("a number of empty bytes")
        return kind(*arguments)

    return make


_BUILTINS = {
    "set": set,
    "frozenset": frozenset,
    "complex": complex,
    "bytes": _bytes(bytes),
    "bytearray": _bytes(bytearray),
}
_ALLOWED = {
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _latin1,
    **{
        (module, name): kind
        for name, kind in _BUILTINS.items()
        for module in ("builtins", "__builtin__")
    },
    **{
        (f"numpy.{core}.{module}", name): function
        for core in ("core", "_core")
        for module, name, function in (
            ("multiarray", "_reconstruct", _Array),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _array),
        )
    },
}


class _ArraysOnly(pickle.Unpickler):
    """Unpickles NumPy arrays and built-in containers; refuses every other import."""

    def __init__(self, file, path: Path):
        # Arrays pickled by Python 2 are text in this encoding.
        super().__init__(file, encoding="latin1")
        self.path = path

    def find_class(self, module: str, name: str) -> object:
        """Return an allowed class; nothing is imported."""
        if (module, name) not in _ALLOWED:
            raise UserError(
                f"{self.path} wants to import {module}.{name}, which could run any "
                "program; only NumPy arrays and built-in containers are read, so get "
                "the file from its authors."
            )
        return _ALLOWED[module, name]


def _finished(value: object, seen: dict[int, object]) -> object:
    """Return ``value`` with arrays in the place of those in the making."""
    if isinstance(value, _Array):
        if value.value is None:
            raise _Refused("an array without values")
        return value.value
    if id(value) in seen or not isinstance(value, (list, dict, tuple)):
        return value
    seen[id(value)] = value
    if isinstance(value, tuple):
        return tuple(_finished(each, seen) for each in value)
    for key, each in enumerate(value) if isinstance(value, list) else [*value.items()]:
        value[key] = _finished(each, seen)
    return value


def read_pickle(path: str | Path) -> object:
    """Return the arrays and containers in ``path``.

    Raises:
        UserError: the file is missing, truncated, wants to import anything else, or
            holds arrays of anything but numbers and text.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            return _finished(_ArraysOnly(file, path).load(), {})
    except UserError:
        raise
    except _Refused as error:
        raise UserError(
            f"{path} holds {error}, which is not read from a pickle; only arrays of "
            "numbers or text are, so get the file from its authors."
        ) from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); check the path."
        ) from error
    # A damaged pickle can fail in any way; none of them is of use to the reader.
    except Exception as error:
        raise UserError(
            f"{path} is not a complete pickle of arrays ({type(error).__name__}); copy "
            "or download it again."
        ) from error
