# The table of figures: what each is drawn from and where it stands in the report. A new
# figure is a module in evoplast/figures or another room of figures, a caption in
# report/ and a row here.
NETWORK, SEARCH, RULES = "Network and calibration", "Search", "Rules"
CEILING = result(f"calibration/ceiling_{OF_RUN}.parquet")
GRADIENT, UNITS = "Gradient baseline", "Evolvable neural units"


def caption_file(name):
    """Return the caption of a figure; relative in the checkout, as ``resource``."""
    path = ROOT / "workflow/report" / f"{name}.rst"
    return str(path.relative_to(ROOT) if ROOT == Path.cwd() else path)


def figure(category, module, file, caption=None, room="figures", **inputs):
    """Return a row of the table.

    ``module`` of a ``room`` of evoplast draws ``file`` (below the results, without ending)
    from ``inputs``; the caption has the name of the module unless another is given.
    """
    return {
        "category": category,
        "module": f"{room}/{module}",
        "pdf": result(f"{file}.pdf"),
        "png": result(f"{file}.png"),
        "page": result(f"{file}.html"),
        "caption": caption_file(caption or module),
        "inputs": inputs,
    }


def story(category, name, **inputs):
    """Return a row whose module and file have the name of the figure."""
    return {name: figure(category, name, f"figures/{name}", **inputs)}


def learned(name, **inputs):
    """Return the row of a figure of recordings before and after learning."""
    room = "behaviour_figures"
    return {name: figure(BEHAVIOUR, name, f"figures/{name}", room=room, **inputs)}


def of_extent(module, extent, **inputs):
    """Return the row of a figure that is drawn for the run and for several sizes."""
    name = f"{module}_{extent}"
    return {name: figure(NETWORK, module, f"figures/{name}", **inputs)}


def calibration_scan_figure(extent):
    """Return the row of the scan of drives and gains."""
    signal, rates = (
        f"calibration/{n}_{extent}.parquet" for n in ("scan", "scan_rates")
    )
    files = {"signal": result(signal), "rates": result(rates)}
    return of_extent("calibration_scan", extent, **files)


def mouse_likeness_figure(extent):
    """Return the row of the likeness to the mouse."""
    types, cells = (f"calibration/{n}_{extent}.parquet" for n in ("mouse", "tuning"))
    files = {"types": result(types), "cells": result(cells)}
    return of_extent("mouse_likeness", extent, **files)


def ceiling_figure(extent):
    """Return the row of what linear readouts reach."""
    table = result(f"calibration/ceiling_{extent}.parquet")
    return of_extent("ceiling", extent, table=table)


def study_figure(study):
    """Return the row of a study of the variants of the search."""
    tables = {"table": study, "detail": f"{study}_detail"}
    files = {k: result(f"search_studies/{v}.parquet") for k, v in tables.items()}
    return story(SEARCH, study, **files)


def horizon_files(name):
    """Return what a figure of long training is drawn from."""
    return {
        "horizon": result(f"analysis/{name}.nc"),
        "trend": result(f"analysis/{name}_trend.parquet"),
    }


# Of every report, in its order.
REPORT_FIGURES = {
    **story(
        NETWORK,
        "network",
        network=network_file(0),
        calibration=result("calibration/calibration.nc"),
    ),
    **mouse_likeness_figure(OF_RUN),
    **calibration_scan_figure(OF_RUN),
    **ceiling_figure(OF_RUN),
    **story(
        SEARCH,
        "random_rules",
        random_rules=result("baselines/random_rules.parquet"),
        known_rules=result("baselines/known_rules.parquet"),
        rules=result("pareto/rules.parquet"),
        histories=HISTORIES,
        ceiling=CEILING,
    ),
    **story(SEARCH, "search_history", histories=HISTORIES),
    **story(
        SEARCH,
        "pareto",
        rules=result("pareto/rules.parquet"),
        random_rules=result("baselines/random_rules.parquet"),
        known_rules=result("baselines/known_rules.parquet"),
        ceiling=CEILING,
    ),
    **story(
        RULES,
        "rule_frequency",
        frequency=result("analysis/rule_frequency.parquet"),
        rules=result("pareto/rules.parquet"),
    ),
    **story(RULES, "long_horizon", **horizon_files("long_horizon")),
    **story(RULES, "cross_scale", scales=result("analysis/cross_scale.parquet")),
    **story(
        GRADIENT,
        "gradient",
        curves=[result(f"gradient/{optimiser}.parquet") for optimiser in OPTIMISERS],
        rules=result("pareto/rules.parquet"),
        ceiling=CEILING,
    ),
}
# Of targets that are asked for by name.
TARGET_FIGURES = {
    **mouse_likeness_figure(OF_SIZES),
    **calibration_scan_figure(OF_SIZES),
    **ceiling_figure(OF_SIZES),
    **story(SEARCH, "search_benchmark", runs=BENCHMARK_TABLES),
    **story(
        SEARCH,
        "search_ablation",
        ablation=result("search_benchmark/ablation.parquet"),
    ),
    **story(
        SEARCH,
        "search_proof",
        choices=result("search_proof/choices.parquet"),
        cells=result("search_proof/cells.parquet"),
        comparison=result("search_proof/comparison.parquet"),
        outcomes=result("search_proof/outcomes.parquet"),
        complexity=result("search_proof/complexity_front.parquet"),
        wasserstein=result("search_proof/wasserstein_front.parquet"),
    ),
    **story(SEARCH, "reward_search", table=result("reward_search/comparison.parquet")),
    **story(SEARCH, "information", table=result("search_studies/information.parquet")),
    **story(SEARCH, "rule_spread", table=result("search_studies/rule_spread.parquet")),
    **story(
        SEARCH,
        "sequence_noise",
        table=result("search_studies/sequence_noise.parquet"),
    ),
    **{k: v for study in STUDY_VARIANTS for k, v in study_figure(study).items()},
    **{
        f"enu_{name}": figure(
            *(UNITS, name, f"enu/figures/{name}"),
            **{"caption": "enu", "room": "enu_figures", **inputs},
        )
        for name, inputs in ENU_FIGURES.items()
    },
}
# Of `snakemake analyses`.
BEHAVIOUR = "What rules do"
ANALYSIS_FIGURES = {
    **story(
        BEHAVIOUR,
        "representative_rules",
        table=result("analysis/representative_rules.parquet"),
    ),
    **story(
        BEHAVIOUR,
        "few_shot",
        curves=result("analysis/few_shot.parquet"),
        half=result("analysis/few_shot_half.parquet"),
    ),
    **story(BEHAVIOUR, "ablations", table=result("analysis/ablations.parquet")),
    **story(
        BEHAVIOUR,
        "recurrence",
        table=result("analysis/recurrence.parquet"),
        agreement=result("analysis/recurrence_agreement.parquet"),
    ),
    **story(
        BEHAVIOUR,
        "heterogeneity",
        table=result("analysis/heterogeneity.parquet"),
        structure=result("analysis/heterogeneity_structure.parquet"),
    ),
    **story(
        BEHAVIOUR,
        "degeneracy",
        distances=result("analysis/degeneracy.nc"),
        rules=result("analysis/degeneracy_rules.parquet"),
        **{
            name: result(f"analysis/degeneracy_{name}.parquet")
            for name in ("correlations", "members", "tests")
        },
    ),
    **story(
        BEHAVIOUR,
        "sample_efficiency",
        curves=[
            result(f"analysis/gradient_{optimiser}.parquet") for optimiser in OPTIMISERS
        ],
        table=result("analysis/sample_efficiency.parquet"),
        biology=result("analysis/sample_efficiency_biology.parquet"),
    ),
    **story(BEHAVIOUR, "long_training", **horizon_files("long_training")),
    **learned(
        "working_memory",
        **{name: WORKING_MEMORY[name] for name in ("decoded", "delay", "memory")},
    ),
    **learned(
        "firing",
        **{name: FIRING[name] for name in ("cells", "fits", "mouse", "synchrony")},
    ),
    **learned("weights", **WEIGHTS),
    **learned(
        "dynamics",
        **{name: DYNAMICS[name] for name in ("dimensions", "over_time", "paths")},
    ),
}
FIGURES = [
    row[kind] for row in REPORT_FIGURES.values() for kind in ("pdf", "png", "page")
]
# The figures of docs/paper.md, in its order; that of the proof needs searches of its own.
PAPER = (
    *("random_rules", "pareto", "representative_rules", "recurrence", "few_shot"),
    *("sample_efficiency", "working_memory", "firing", "long_training"),
    *("cross_scale", "ablations", "heterogeneity", "degeneracy", "weights", "dynamics"),
)
# Each of two columns' width and of one.
PAPER_FIGURES = {
    name: {
        f"{width}{ending}": result(f"paper/{number:02d}_{name}{tail}.{ending}")
        for width, tail in (("", ""), ("column_", "_column"))
        for ending in ("pdf", "png")
    }
    for number, name in enumerate(PAPER, start=1)
}
