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
    names.pop("run")
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


def enu_showcase(experiment):
    """Return the segments of the first ENU of the showcase in an experiment."""
    segments = range(config["enu"]["showcase"]["segments"])
    return [enu_segment("showcase", experiment, "enu", 0, k) for k in segments]
