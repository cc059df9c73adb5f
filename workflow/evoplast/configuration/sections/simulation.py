"""Keys of ``simulation`` and ``plasticity``."""

from typing import ClassVar, Literal

from evoplast.configuration.section import Settings, key, settings_class


@settings_class
class SimulationSettings(Settings):
    """How the network is simulated."""

    SECTION: ClassVar[str] = "simulation"

    recurrent_gain: float | Literal["auto"] = key(
        "Factor on recurrent weights; auto = min(max_recurrent_gain, target_in_degree "
        "/ mean in-degree).",
        within="[0, 100]",
        source="working point section 2",
    )
    target_in_degree: float = key(
        "Mean in-degree whose recurrent input the automatic gain restores.",
        within="(0, 10000]",
        unit="synapses/cell",
        source="working point section 2",
    )
    max_recurrent_gain: float = key(
        "Upper limit of the automatic gain.",
        within="(0, 100]",
        source="working point section 2",
    )
    kernel: Literal["auto", "reference", "cpu", "gpu"] = key(
        "Implementation of the time step: reference is plain JAX, cpu is C++ and gpu "
        "is CUDA (both built on first use), auto takes gpu where JAX runs on a CUDA "
        "device and cpu where it runs on a CPU, or else the reference."
    )
    lanes: int | Literal["auto"] = key(
        "Most candidates x tasks simulated together; auto = as many as fit into "
        "memory, on a processor at most 128. Does not change results.",
        within="[2, 100000]",
        step=2,
        unit="lanes",
    )
    memory_share: float = key(
        "Part of the memory that is left (of the GPU, or of the machine and its "
        "control groups in proportion to the threads of the job) that simulated lanes "
        "may take. A batch that does not fit after all is halved. Does not change "
        "results.",
        within="(0, 1]",
    )


# As evoplast.rules.OPTIONAL_NAMES: a test compares.
ExtraTerm = Literal[
    "w",
    "S_pre·w",
    "S_post·w",
    "S_pre·X_post·w",
    "S_post·X_pre·w",
    "S_post·X_post·w",
    "X_post²·w",
    "w·R",
    "V_post",
    "S_pre·V_post",
    "X_pre·V_post",
    "X_pre·V_post²",
    "S_pre·B_post",
    "S_post·B_pre",
    "S_post·B_pre·w",
    "B_pre·X_post",
    "B_pre·R",
]


@settings_class
class PlasticitySettings(Settings):
    """Scale and limits of weight changes."""

    SECTION: ClassVar[str] = "plasticity"

    eta: float = key(
        "Learning rate of terms with a spike factor.",
        within="(0, 1]",
        source="working point section 2",
    )
    max_relative_change: float = key(
        "Largest change of a weight in one step, relative to the weight.",
        within="(0, 1]",
        source="working point section 2",
    )
    bound_factor: float = key(
        "Upper bound of a weight in units of its type's initial mean.",
        within="[1, 1000]",
        source="working point section 2",
    )
    continuous_term_scale: float = key(
        "Factor on terms without a spike.",
        within="(0, 1]",
        source="working point section 2 (dt / mean tau = 1/75)",
    )
    extra_terms: tuple[ExtraTerm, ...] = key(
        "Terms that rules may have besides the 25, of the synapse's strength w, the "
        "postsynaptic voltage V_post and a slow trace B; docs/extending.md lists them. "
        "Each adds a gate and a coefficient for every pair of types to the genome. "
        "For scoring, random rules and export; searches and analyses of the 25 terms "
        "refuse them, and so does the CUDA kernel.",
        different=True,
        may_be_empty=True,
    )
    slow_trace_ms: float = key(
        "Time constant of the slow trace B of extra terms.",
        within="[1, 100000]",
        unit="ms",
        source="Bittner et al. 2017 (seconds)",
    )
    runaway_rate_hz: float = key(
        "Mean rate above which a candidate gets the worst objectives.",
        within="(0, 1000]",
        unit="Hz",
        source="working point section 2",
    )
