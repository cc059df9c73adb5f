"""The arrays that a kernel takes and gives, by name.

In: the header in which a kernel lists its arrays (``cpu_arrays.h``, ``gpu_arrays.h``),
the same that C++ is compiled from. Out: :class:`Declared` arrays, and values by name
put into their order. The kernel is sent the names and refuses a call whose names,
element types or dimensions are not those it was compiled with.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from evoplast.artefacts.errors import UserError
from evoplast.simulator.kernels.build import FOLDER

Value = TypeVar("Value")
ROLES = FIXED, STATE, RESULT = "FIXED", "STATE", "RESULT"
_LINE = re.compile(r"^(FIXED|STATE|RESULT)\((\w+), (\w+)(?:, ([\w, ]+))?\)$", re.M)


@dataclass(frozen=True)
class Declared:
    """One array: its role, its name, and how C++ sees it.

    Attributes:
        role: FIXED arrays are read, STATE arrays read and replaced, RESULT arrays
            only written.
        name: as in the model, the rules or the state.
        element: type in C++.
        dimensions: names of its lengths, as the header explains them.
    """

    role: str
    name: str
    element: str
    dimensions: tuple[str, ...]


@cache
def declared(header: str) -> tuple[Declared, ...]:
    """Return the arrays that a header beside this file lists, in their order."""
    lines = _LINE.findall((FOLDER / header).read_text(encoding="utf-8"))
    return tuple(
        Declared(role, name, element, tuple(filter(None, dimensions.split(", "))))
        for role, element, name, dimensions in lines
    )


def names(arrays: Sequence[Declared], *roles: str) -> str:
    """Return the names in order, a space between: all, or those of some roles."""
    chosen = [a.name for a in arrays if not roles or a.role in roles]
    return " ".join(chosen)


def in_order(
    arrays: Sequence[Declared], role: str, values: Mapping[str, Value]
) -> list[Value]:
    """Return the values of the arrays of one role, in the order of the header.

    Raises:
        UserError: the header lists an array for which there is no value.
    """
    wanted = [array.name for array in arrays if array.role == role]
    missing = [name for name in wanted if name not in values]
    if missing:
        raise UserError(
            f"The kernel's header lists the array {missing[0]}, for which Python has "
            "no value; add it where the kernel is called, or remove the line."
        )
    return [values[name] for name in wanted]
