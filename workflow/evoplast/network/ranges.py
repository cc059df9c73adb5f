"""What every number of a network may be: one table of ranges and relations.

In: nothing. Out: ``RANGES`` by quantity, which holds for tables, for circuits of
others and for finished networks alike, and ``TABLES``, the rules of the Allen tables.
Ranges are wide: they keep out what no cortex has, mistakes of sign and of unit.
"""

from dataclasses import replace

from evoplast.artefacts.tables import TEXT, Allowed, Range, TableRules

_VOLTAGE = Range(-200.0, 100.0)
_SHARE = Range(0.0, 1.0)
_COUNT = Range(0, 1e9, whole=True)
_SYNAPSES = Range(0, 1e4, whole=True)
_PORT = Range(1, 100, whole=True)
_ID = Range(0, 2**62, whole=True)
_WEIGHT = Range(-1e5, 1e5)
_DELAY = Range(0.0, 100.0, above=True)
_RATE = Range(0.0, 1e3)
_ANGLE = Range(-720.0, 720.0)
_BUMP = Range(-1e4, 1e4)
_BUMP_MS = Range(0.0, 1e4, above=True)
_LENGTH_DEG = Range(0.0, 1e3)

# By the names that fields of networks and columns of tables share.
RANGES = {
    "C_m_pF": Range(0.0, 1e4, above=True),
    "g_nS": Range(0.0, 1e3, above=True),
    "E_L_mV": _VOLTAGE,
    "V_reset_mV": _VOLTAGE,
    "V_th_mV": _VOLTAGE,
    "t_ref_ms": Range(0.0, 100.0),
    "asc_decay_per_ms": Range(0.0, 100.0, above=True),
    "asc_amp_pA": _WEIGHT,
    "tau_syn_ms": Range(0.0, 1e3, above=True),
    # Circuits of others may have no places and no tuning.
    **dict.fromkeys(("x_um", "y_um", "z_um"), Range(-1e6, 1e6, blank=True)),
    "tuning_deg": replace(_ANGLE, blank=True),
    "weight_pA": _WEIGHT,
    "delay_ms": _DELAY,
    "rate_hz": Range(0.0, 1e5),
    "x_deg": Range(-1e3, 1e3),
    "y_deg": Range(-1e3, 1e3),
    "spatial_size_deg": replace(_LENGTH_DEG, above=True),
    "weight_dom": _BUMP,
    "kpeak_dom_ms": _BUMP_MS,
    "delay_dom_ms": Range(0.0, 1e3),
    "spont_rate_hz": _RATE,
    # The rest belongs to composite LGN cells alone and is empty elsewhere.
    "subfield_separation_deg": replace(_LENGTH_DEG, blank=True),
    "weight_nondom": replace(_BUMP, blank=True),
    "kpeak_nondom_ms": replace(_BUMP_MS, blank=True),
    "delay_nondom_ms": Range(0.0, 1e3, blank=True),
    "max_rate_off_hz": replace(_RATE, blank=True),
    "max_rate_on_hz": replace(_RATE, blank=True),
    "time_to_peak_off_ms": replace(_BUMP_MS, blank=True),
    "time_to_peak_on_ms": replace(_BUMP_MS, blank=True),
    "off_factor": Range(0.0, 100.0, blank=True),
}
# What a composite LGN cell cannot do without.
COMPOSITE: tuple[str, ...] = ("tuning_deg", "subfield_separation_deg", "weight_nondom")
COMPOSITE += ("kpeak_nondom_ms", "delay_nondom_ms", "max_rate_off_hz")
COMPOSITE += ("max_rate_on_hz", "time_to_peak_off_ms", "time_to_peak_on_ms")
COMPOSITE += ("off_factor",)

TUNED_PAIR_RULE = "DirectionRule_EE"
_WEIGHT_FUNCTIONS = (TUNED_PAIR_RULE, "DirectionRule_others")


def _as(names: str, allowed: Allowed) -> dict[str, Allowed]:
    return dict.fromkeys(names.split(), allowed)


def _own(names: str) -> dict[str, Range]:
    return {name: RANGES[name] for name in names.split()}


def _two(quantity: str, half: str, unit: str = "") -> dict[str, Range]:
    allowed = RANGES[f"{quantity}_{half}{unit}"]
    return {f"{quantity}_{half}_{bump}{unit}": allowed for bump in (0, 1)}


def _bumps(half: str) -> dict[str, Range]:
    return (
        _two("weight", half) | _two("kpeak", half, "_ms") | _two("delay", half, "_ms")
    )


TABLES = {
    "cell_types": TableRules(
        {
            "cell_type": TEXT,
            "layer": TEXT,
            "ei": ("e", "i"),
            "n_full_model": _COUNT,
            **_as("depth_top_um depth_bottom_um", Range(0.0, 1e4)),
        },
        key=("cell_type",),
        ascending=(("depth_top_um", "depth_bottom_um"),),
    ),
    "glif_models": TableRules(
        {
            "model_id": _ID,
            "population": TEXT,
            "cell_type": TEXT,
            "n_cells_full_model": _COUNT,
            **_own("C_m_pF g_nS E_L_mV V_reset_mV V_th_mV t_ref_ms"),
            **_as("asc_decay_1_per_ms asc_decay_2_per_ms", RANGES["asc_decay_per_ms"]),
            **_as("asc_amp_1_pA asc_amp_2_pA", RANGES["asc_amp_pA"]),
        },
        key=("model_id",),
        ascending=(("V_reset_mV", "V_th_mV"),),
    ),
    "connections": TableRules(
        {
            **_as("source_type target_type", TEXT),
            "p_max": _SHARE,
            "sigma_um": Range(0.0, 1e5, above=True),
            **_as(
                "orientation_factor_0deg orientation_factor_90deg",
                Range(0.0, 100.0, blank=True),
            ),
            **_as("nsyn_min nsyn_max", _SYNAPSES),
            "receptor_port": _PORT,
            "delay_ms": _DELAY,
            "weight_function": _WEIGHT_FUNCTIONS,
            "weight_sigma_deg": Range(0.0, 1e4, above=True),
        },
        key=("source_type", "target_type"),
        ascending=(("nsyn_min", "nsyn_max"),),
    ),
    "synaptic_weights": TableRules(
        {
            "target_model_id": _ID,
            "source_type": TEXT,
            "syn_weight_pA": Range(-1e4, 1e4),
        },
        key=("target_model_id", "source_type"),
    ),
    "lgn_classes": TableRules(
        {
            "lgn_class": TEXT,
            "n_per_tile": Range(0, 1e4, whole=True),
            "n_tiles": Range(0, 1e6, whole=True),
            "polarity": Range(-1, 1, whole=True),
            "preferred_tf_hz": replace(_RATE, blank=True),
            **_as(
                "spatial_size_min_deg spatial_size_mode_deg spatial_size_max_deg",
                RANGES["spatial_size_deg"],
            ),
            **_own("subfield_separation_deg max_rate_off_hz max_rate_on_hz"),
            **_own("time_to_peak_off_ms time_to_peak_on_ms spont_rate_hz off_factor"),
            **_bumps("dom"),
            **_bumps("nondom"),
        },
        key=("lgn_class",),
        ascending=(
            ("spatial_size_min_deg", "spatial_size_mode_deg"),
            ("spatial_size_mode_deg", "spatial_size_max_deg"),
        ),
    ),
    "lgn_to_v1": TableRules(
        {
            "target_type": TEXT,
            **_as("fraction_with_input sON_ratio", _SHARE),
            "preferred_tf_poisson_mean": Range(0.0, 100.0),
            **_as(
                "subfield_center_distance_min_deg subfield_center_distance_max_deg "
                "subfield_width_min_deg subfield_width_max_deg",
                _LENGTH_DEG,
            ),
            **_as("aspect_ratio_min aspect_ratio_max", Range(0.0, 100.0, above=True)),
            "n_synapses_per_source": _SYNAPSES,
            "syn_weight_pA": Range(0.0, 1e4),
            "receptor_port": _PORT,
            "delay_ms": _DELAY,
        },
        key=("target_type",),
        ascending=tuple(
            (f"{name}_min{unit}", f"{name}_max{unit}")
            for name, unit in (
                ("subfield_center_distance", "_deg"),
                ("subfield_width", "_deg"),
                ("aspect_ratio", ""),
            )
        ),
    ),
    "background": TableRules(
        {
            "population": TEXT,
            "poisson_rate_hz": RANGES["rate_hz"],
            "syn_weight_pA": Range(0.0, 1e4),
            "n_synapses": _SYNAPSES,
            "receptor_port": _PORT,
        },
        key=("population",),
    ),
    "receptor_ports": TableRules(
        {"port": _PORT, "tau_syn_ms": RANGES["tau_syn_ms"]}, key=("port",)
    ),
}
