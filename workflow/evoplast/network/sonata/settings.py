"""What a user says about a circuit that somebody else made.

In: the section network.sonata of the config. Out: ``SonataSettings``, whose fields
are its keys. Nothing here opens a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SonataSettings:
    """How to read a circuit; every field is a key of network.sonata.

    ``circuit_config``: the circuit's or simulation's JSON, or ``network_dat.pkl``
    of a Chen-Scherr-Maass data folder. ``components_dir`` replaces the folder of
    cell and synapse models that the JSON names. ``lgn_population`` and
    ``background_population`` are None where input is left out. ``attribute_names``
    maps attribute names of the published Billeh 2020 files to the circuit's.
    ``weights`` (recurrent) and ``input_weights`` (LGN, background): "nsyns_rule"
    (weight per synapse x nsyns x weight function) or "final". ``receptors``:
    "stored" (receptor_type of the synapse model) or "by_class" (the port of Billeh
    2020 for the pair of classes). ``depth``: "absolute", "positive" or "negative"
    values of y below the pia. ``tau_syn_ms`` None: those of the cell models.
    ``types``: None for the types of the Allen tables, or entries with name, layer,
    excitatory and match (prefixes of ``type_attribute``; default the name).
    ``unmatched_types``: "refuse" or "drop". ``max_overlap``: the largest share of its
    cells that a held-out network may have in common with a training network.
    ``replace_models`` maps names of cell models to those of GLIF models.
    ``lgn_shift_deg`` moves LGN cells into the field of 240 x 120 degrees.
    """

    circuit_config: str
    components_dir: str | None = None
    whole_circuit: bool = False
    population: str = "v1"
    lgn_population: str | None = "lgn"
    background_population: str | None = "bkg"
    background_rate_hz: float = 1000.0
    attribute_names: Mapping[str, str] | None = None
    weights: str = "nsyns_rule"
    input_weights: str = "nsyns_rule"
    receptors: str = "stored"
    depth: str = "absolute"
    tau_syn_ms: tuple[float, ...] | None = None
    type_attribute: str = "pop_name"
    types: tuple[Mapping, ...] | None = None
    unmatched_types: str = "refuse"
    max_overlap: float = 0.9
    replace_models: Mapping[str, str] | None = None
    lgn_shift_deg: tuple[float, float] = (0.0, 0.0)

    def attribute(self, name: str) -> str:
        """Return the circuit's name of the attribute ``name``."""
        return (self.attribute_names or {}).get(name, name)
