"""What rules do: the rules that are shown, and what is measured of them.

In: worlds, the tables of earlier stages, frozen settings. Out: tables and datasets of
the stages' artefacts. Everything is measured on networks that chose nothing.
"""

from evoplast.behaviour.representatives import (
    LABELS,
    NONE,
    Pool,
    Representatives,
    choose_representatives,
    read_representatives,
)

__all__ = [
    "LABELS",
    "NONE",
    "Pool",
    "Representatives",
    "choose_representatives",
    "read_representatives",
]
