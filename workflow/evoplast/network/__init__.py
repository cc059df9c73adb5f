"""Cell types, the Allen tables, and networks of N neurons built from them."""

from evoplast.network.propagators import Propagators, glif3_propagators
from evoplast.network.types import (
    Background,
    Cells,
    CellTypes,
    Edges,
    LgnPathway,
    Network,
)

__all__ = [
    "Background",
    "CellTypes",
    "Cells",
    "Edges",
    "LgnPathway",
    "Network",
    "Propagators",
    "glif3_propagators",
]
