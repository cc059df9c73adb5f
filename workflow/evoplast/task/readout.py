"""The cells that the decision is read from.

In: a network, the settings ``task.readout_*``. Out: their indices.
"""

from difflib import get_close_matches

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.configuration.sections.task import TaskSettings
from evoplast.network import CellTypes, Network

ALL_LAYERS, ALL_CELLS, INHIBITORY = "all", "all", "inhibitory"


def readout_pool(network: Network, settings: TaskSettings) -> np.ndarray:
    """Return the indices of the cells that the decision is read from, int32.

    Those of the layer, the kind and the types that ``task.readout_*`` say.

    Raises:
        UserError: the network has none, or not the types.
    """
    chosen = _readout_types(network.cell_types, settings)
    is_pool = chosen[network.cells.cell_type]
    if not is_pool.any():
        types = network.cell_types
        sides = zip(types.names, types.layer, types.excitatory, strict=True)
        kinds = ("excitatory" if excites else "inhibitory" for *_, excites in sides)
        has = [" ".join(x) for x in zip(types.names, types.layer, kinds, strict=True)]
        raise UserError(
            f"The decision is read from cells with task.readout_layer "
            f"{settings.readout_layer!r}, task.readout_cells "
            f"{settings.readout_cells!r} and task.readout_types "
            f"{list(settings.readout_types)}, but the network has none; its types are "
            f"{', '.join(has)}."
        )
    return np.flatnonzero(is_pool).astype(np.int32)


def _readout_types(types: CellTypes, settings: TaskSettings) -> np.ndarray:
    unknown = [name for name in settings.readout_types if name not in types.names]
    if unknown:
        near = get_close_matches(unknown[0], types.names, 1, 0.0)[0]
        raise UserError(
            f"task.readout_types has {unknown[0]!r}, which the network does not; did "
            f"you mean {near!r}? Its types are {', '.join(types.names)}."
        )
    layer = settings.readout_layer.lstrip("L")
    chosen = np.array([layer in (ALL_LAYERS, of.lstrip("Ll")) for of in types.layer])
    if settings.readout_cells != ALL_CELLS:
        inhibits = settings.readout_cells == INHIBITORY
        chosen &= types.excitatory != inhibits
    if settings.readout_types:
        chosen &= np.isin(types.names, settings.readout_types)
    return chosen
