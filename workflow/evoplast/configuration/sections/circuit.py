"""Keys of ``network``: the circuit, our own or one of somebody else.

Nothing here opens a file.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal, NotRequired, TypedDict

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class


class CircuitType(TypedDict):
    """A cell type of a circuit.

    ``match``: prefixes of the type attribute; ``mouse``: the cell type of
    ``resources/mouse`` whose firing rates it should have.
    """

    name: str
    layer: str
    excitatory: bool
    match: NotRequired[tuple[str, ...]]
    mouse: NotRequired[str]


@settings_class
class SonataSettings(Settings):
    """How to read a circuit of somebody else; used where network.source is sonata.

    Layouts: the published Billeh 2020 release, its successor, any SONATA circuit of
    GLIF3 neurons, the pickles of Chen, Scherr & Maass.
    """

    SECTION: ClassVar[str] = "network.sonata"

    circuit_config: str | None = key(
        "The circuit's or simulation's JSON, or network_dat.pkl in a "
        "Chen-Scherr-Maass data folder."
    )
    components_dir: str | None = key(
        "Folder that holds the folders of cell and synapse models, where the "
        "circuit's manifest points elsewhere; null trusts the manifest."
    )
    whole_circuit: bool = key(
        "All cells of the circuit, whatever network.n_neurons says. Otherwise "
        "instance 0 is the cells nearest to the axis, other instances are discs of "
        "the same size beside it, as far as the circuit has room."
    )
    population: str = key("Population of the cells.", source="lineage")
    lgn_population: str | None = key(
        "Population of the LGN cells, whose attributes give their filters; null "
        "leaves LGN input out.",
        source="lineage",
    )
    background_population: str | None = key(
        "Population of the background; null leaves it out.", source="lineage"
    )
    background_rate_hz: float = key(
        "Rate of one background node, which circuit files do not hold.",
        within="[0, 100000]",
        unit="Hz",
        source="lineage (250 in the successor)",
    )
    attribute_names: Mapping[str, str] | None = key(
        "Map from attribute names of the Billeh 2020 files (x, y, z, tuning_angle, "
        "nsyns, syn_weight, kpeaks_dom_0, ...) to the circuit's; null for none."
    )
    weights: Literal["nsyns_rule", "final"] = key(
        "What the recurrent weights are: per synapse, times nsyns and the weight "
        "function, or final.",
        source="lineage (final in the successor)",
    )
    input_weights: Literal["nsyns_rule", "final"] = key(
        "The same for LGN and background.", source="lineage"
    )
    receptors: Literal["stored", "by_class"] = key(
        "The port of an edge: receptor_type of its synapse model, or the port of "
        "Billeh 2020 for the classes of its two cells.",
        source="lineage (by_class for the successor)",
    )
    depth: Literal["absolute", "positive", "negative"] = key(
        "How y gives the depth below the pia; releases differ in its sign.",
        source="lineage",
    )
    tau_syn_ms: tuple[float, ...] | None = key(
        "Time constants of the ports; null takes those of the cell models.",
        within="(0, 1000]",
        unit="ms",
    )
    type_attribute: str = key(
        "Attribute of nodes or node types that tells the cell type.", source="lineage"
    )
    types: tuple[CircuitType, ...] | None = key(
        "Cell types in order, each with name, layer, excitatory and match, a list of "
        "prefixes of the attribute, and mouse, the type in resources/mouse that has "
        "its rates (both the name if absent); null for the types of "
        "resources/allen_v1."
    )
    unmatched_types: Literal["refuse", "drop"] = key(
        "What happens to cells that match no type."
    )
    replace_models: Mapping[str, str] | None = key(
        "Map from cell models to GLIF models that take their place, such as lif.json "
        "to 593618144_glif_psc.json; null for none."
    )
    lgn_shift_deg: tuple[float, float] = key(
        "Added to the places of LGN cells, in the field of 240 x 120 degrees ([60, "
        "20] centres the successor's 120 x 80).",
        within="[-240, 240]",
        unit="degree",
    )

    max_overlap: float = key(
        "Largest share of its cells that a held-out network may have in common with a "
        "training network; more is refused. 1 allows equal networks, as samples of "
        "whole_circuit are; their held-out scores say nothing about others.",
        within="[0, 1]",
    )

    def attribute(self, name: str) -> str:
        """Return the circuit's name of the attribute ``name``."""
        return (self.attribute_names or {}).get(name, name)


@settings_class
class NetworkSection(Settings):
    """The circuit."""

    SECTION: ClassVar[str] = "network"

    source: Literal["allen_statistics", "sonata"] = key(
        "Where the circuit comes from: the published build statistics in "
        "resources/allen_v1, or a circuit on disk (network.sonata)."
    )
    n_neurons: int = key(
        "Number of neurons nearest to the column axis.",
        within="[1, 200000]",
        unit="cells",
        source="paper (3000), scaled down",
    )
    min_cells_per_type: int = key(
        "Fewest neurons of each cell type.", within="[1, 1000]", unit="cells"
    )
    training_instances: int = key(
        "Selection networks: calibration and baselines use them and rules are chosen "
        "on them; a search has networks of its own. Instance 0 is network.nc.",
        within="[1, 99]",
        unit="networks",
        source="working point section 7, fewer at demo scale",
    )
    heldout_instances: int = key(
        "Network instances used only for what is reported; numbered from 100.",
        within="[1, 99]",
        unit="networks",
        source="working point section 7, fewer at demo scale",
    )
    sonata: SonataSettings

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "sonata" and not self.sonata.circuit_config:
            raise UserError(
                "network.source is sonata, but network.sonata.circuit_config is empty; "
                "name the JSON of a circuit there."
            )
