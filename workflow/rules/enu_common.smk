# Named functions and lists that the rules of enu.smk use: no rule stands here.
ENU_STUDIES = ("showcase", "comparison", "mazes")
ENU_CELLS = ("enu", "nfenu", "gru", "lstm", "shared_enu")
ENU_MAZES = ("t_maze", "double_t_maze")


def enu_experiments(study):
    """Return the experiments that a study runs."""
    generations = config["enu"][study]["generations_per_segment"]
    return [name for name, count in generations.items() if count]


def enu_segment(study, experiment, cell, seed, segment):
    """Return the file of one segment of one evolution."""
    folder = f"enu/{study}/{experiment}/{cell}/seed{seed}"
    return result(f"{folder}/segment_{segment:03d}.nc")


def enu_previous(wildcards):
    """Return the segment that a segment continues; nothing for the first."""
    names, segment = dict(wildcards), int(wildcards.segment)
    if segment:
        return enu_segment(**names | {"segment": segment - 1})
    return []


def enu_origin(wildcards):
    """Return the evolution in the T-maze from which one in the double maze starts."""
    study = config["enu"]["mazes"]
    first = wildcards.experiment == "double_t_maze" and wildcards.segment == "000"
    if not first or not study["double_from_single"]:
        return []
    last = study["segments"] - 1
    return enu_segment("mazes", "t_maze", wildcards.cell, wildcards.seed, last)


def enu_settings(wildcards):
    """Return what a segment depends on; the number of segments stays out."""
    enu, name = config["enu"], wildcards.experiment
    left_out = ("segments", "seeds", "cells", "double_from_single")
    study = {k: v for k, v in enu[wildcards.study].items() if k not in left_out}
    study["generations_per_segment"] = study["generations_per_segment"][name]
    block = enu["maze_block"] if name in ENU_MAZES else 0
    settings = {"steps": enu["steps"][name], "maze_block": block}
    return {
        "seed": config["seed"],
        "evolution": enu["evolution"] | study,
        **settings,
    }


def enu_runs(study, segment=None):
    """Return the segments of all runs of a study: all of them, or one of each run."""
    settings = config["enu"][study]
    segments = range(settings["segments"]) if segment is None else [segment]
    return [
        enu_segment(study, experiment, cell, seed, k)
        for experiment in enu_experiments(study)
        for cell in settings["cells"]
        for seed in range(settings["seeds"])
        for k in segments
    ]


def enu_recorded(experiment):
    """Return the study whose first ENU run is recorded."""
    return "showcase" if experiment in enu_experiments("showcase") else "comparison"


def enu_recording_settings(wildcards):
    """Return what the recording of a unit depends on, and what its figure says."""
    study = config["enu"][enu_recorded(wildcards.experiment)]
    said = {key: study[key] for key in ("population", "environments")}
    return {"seed": config["seed"], **said}


def enu_stages(wildcards):
    """Return the segments that a recording shows: a third of the way and the end."""
    name = wildcards.experiment
    study = enu_recorded(name)
    segments = config["enu"][study]["segments"]
    stages = sorted({max(segments // 3, 1) - 1, segments - 1})
    return [enu_segment(study, name, "enu", 0, k) for k in stages]


def enu_maze_segment(wildcards):
    """Return the last segment of the first network of a maze."""
    study = config["enu"]["mazes"]
    last, cell = study["segments"] - 1, study["cells"][0]
    return enu_segment("mazes", wildcards.experiment, cell, 0, last)


def enu_maze_settings():
    """Return what the recording of a maze depends on."""
    return {"seed": config["seed"], "cell": config["enu"]["mazes"]["cells"][0]}


def enu_table(name):
    """Return the file of a table or a recording of the units."""
    return result(f"enu/{name}")


ENU_RUNS = [path for study in ENU_STUDIES for path in enu_runs(study)]
ENU_TABLES = ("curves", "scores", "comparison", "acceptance")
ENU_FIGURES = {
    "iaf": {"recording": enu_table("recordings/iaf.nc")},
    "stdp": {
        "recording": enu_table("recordings/stdp.nc"),
        "plain": enu_table("recordings/stdp_plain.nc"),
    },
    "complex_stdp": {"recording": enu_table("recordings/complex_stdp.nc")},
    "t_maze": {
        "network": enu_table("mazes/t_maze_network.nc"),
        "policy": enu_table("mazes/t_maze_policy.nc"),
        "references": enu_table("references.parquet"),
    },
    "double_t_maze": {
        "network": enu_table("mazes/double_t_maze_network.nc"),
        "policy": enu_table("mazes/double_t_maze_policy.nc"),
        "references": enu_table("references.parquet"),
    },
    "convergence": {
        "curves": enu_table("curves.parquet"),
        "comparison": enu_table("comparison.parquet"),
        "references": enu_table("references.parquet"),
    },
    "projection": {"projection": enu_table("projection.nc")},
}
ENU_RESULTS = [
    *(enu_table(f"{name}.parquet") for name in (*ENU_TABLES, "references", "speed")),
    *(enu_table(f"figures/{name}.png") for name in ENU_FIGURES),
    *(enu_table(f"figures/{name}_rollout.gif") for name in ENU_MAZES),
]
