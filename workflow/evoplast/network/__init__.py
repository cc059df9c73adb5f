"""Cell types, the Allen tables, and networks of N neurons built from them."""

from evoplast.network.build import build_network
from evoplast.network.files import (
    check_network,
    read_network,
    write_network,
)
from evoplast.network.gains import Gains, with_gains
from evoplast.network.propagators import (
    Propagators,
    glif3_propagators,
)
from evoplast.network.ranges import RANGES
from evoplast.network.recurrent import (
    direction_difference_deg,
    phase_factor,
)
from evoplast.network.tables import (
    AllenTables,
    read_allen_tables,
)
from evoplast.network.types import (
    Background,
    Cells,
    CellTypes,
    Edges,
    LgnPathway,
    Network,
)

__all__ = [
    "RANGES",
    "AllenTables",
    "Background",
    "CellTypes",
    "Cells",
    "Edges",
    "Gains",
    "LgnPathway",
    "Network",
    "Propagators",
    "build_network",
    "check_network",
    "direction_difference_deg",
    "glif3_propagators",
    "phase_factor",
    "read_allen_tables",
    "read_network",
    "with_gains",
    "write_network",
]
