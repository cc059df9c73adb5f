# Named functions and lists that the rules use: no rule stands here.
import csv
import logging
import re
import sys
from pathlib import Path

from evoplast.configuration.config import validated
from evoplast.configuration.contradictions import check_sizes
from evoplast.configuration.files import check_files, check_places
from evoplast.artefacts.errors import UserError
from evoplast.jobs.source import source_digest

FIRST_HELDOUT = 100
FIRST_SEARCH_INSTANCE = 1000
CIRCUIT = ("network.n_neurons", "network.source", "network.min_cells_per_type")
EXTRA_OBJECTIVES = ("search.extra_objectives", "search.stability_trials")
STIMULUS_SETS = ("gratings", "natural")
OPTIMISERS = ("adam", "sgd")
# What no family has in searches without reward (rules/terms.py is too slow to import).
REWARD_TERMS = [
    *("R", "S_pre*R", "S_post*R", "X_pre*R", "X_post*R", "S_pre*S_post*R"),
    *("S_pre*X_pre*R", "S_pre*X_post*R", "S_post*X_pre*R", "S_post*X_post*R"),
    *("X_pre*X_post*R", "X_pre^2*R", "X_post^2*R"),
]


def checked(config):
    """Return the complete config, or end the run with one sentence."""
    try:
        check_files(workflow.configfiles)
        complete = validated(config)
        check_places(complete)
        check_sizes(complete, len(types_of(complete["network"])))
    except UserError as error:
        sys.exit(f"Error in the configuration: {error}")
    return complete


def types_of(network):
    """Return the names of the cell types: the user's own, or those of the tables."""
    own = network["sonata"]["types"]
    if network["source"] == "sonata" and own is not None:
        return list(own)
    with open(ROOT / "resources/allen_v1/cell_types.csv", newline="") as table:
        lines = (line for line in table if not line.startswith("#"))
        return [row["cell_type"] for row in csv.DictReader(lines)]


def own_rules(config):
    """Return the files of the user's own rules, or end the run with a sentence."""
    if not config["rules"]:
        return []
    # Only here, as it takes a second.
    from evoplast.analysis.own_rules import own_rule_files, read_own_rules
    from evoplast.rules import RuleSpace

    # That import sets up Python's root log, which would print Snakemake's lines again.
    logging.getLogger("snakemake.logging").propagate = False
    types, task = types_of(config["network"]), config["task"]
    try:
        extra_terms = tuple(config["plasticity"]["extra_terms"])
        limits = task["phi_min"], task["phi_max"]
        space = RuleSpace(len(types), *limits, extra_terms)
        read_own_rules(config["rules"], space, types)
        return own_rule_files(config["rules"])
    except UserError as error:
        sys.exit(f"Error in your rules: {error}")


def selected(*names):
    """Return the part of the config that ``names`` (dotted keys, sections) cover.

    Only what changes a rule's result belongs in its params: a change there reruns it.
    """
    chosen = {}
    for name in names:
        section, _, key = name.partition(".")
        if key:
            chosen.setdefault(section, {})[key] = config[section][key]
        else:
            chosen[section] = config[section]
    return chosen


def without(section, *keys):
    """Return the dotted names of all keys of ``section`` but ``keys``."""
    return [f"{section}.{key}" for key in config[section] if key not in keys]


def world_settings(*names):
    """Return what every simulation depends on, and ``names`` besides."""
    trials = ("training_trials", "validation_trials", "test_trials")
    parts = ["seed", "input", "simulation", "plasticity", *without("task", *trials)]
    return selected(*parts, "task.training_trials", *names)


def baseline_settings():
    """Return what the scores of random and known rules depend on."""
    pareto = ("selection_seeds", "report_seeds", "seen_instances")
    trials = ("task.validation_trials", "task.test_trials")
    start = ("initial_gate_probability", "coefficient_prior", "accuracy_estimate")
    drawing = ("baselines", *(f"search.{key}" for key in start))
    return world_settings(*drawing, *trials, *(f"pareto.{key}" for key in pareto))


def simulating_rules():
    """Return the names of the rules that simulate among those that will run."""
    jobs = workflow.dag.needrun_jobs()
    return {job.rule.name for job in jobs if "gpu" in job.resources.keys()}


def source_of(script, *modules):
    """Return the digest of the library modules that a script uses.

    ``modules`` are those that it loads by a name it is told.
    """
    library = ROOT / "workflow/evoplast"
    path = ROOT / "workflow/scripts" / f"{script}.py"
    return source_digest(path, library, [library / f"{name}.py" for name in modules])


def resource(pattern):
    """Return the files of resources/ that match.

    Paths are relative in the checkout and absolute elsewhere: they must stay the same
    when the folder of results is moved, or everything would be computed again.
    """
    inside = ROOT == Path.cwd()
    found = sorted((ROOT / "resources").glob(pattern))
    return [str(path.relative_to(ROOT) if inside else path) for path in found]


def photographs(wildcards):
    """Return the user's own photographs, so that a changed folder is noticed."""
    folder = config["stimuli"]["image_folder"]
    if wildcards.stimulus_set != "natural" or not folder or not Path(folder).is_dir():
        return []
    return sorted(str(path) for path in Path(folder).iterdir() if path.is_file())


def network_settings():
    """Return what the circuit depends on; the keys of network.sonata if they count."""
    own = ["network.sonata"] if config["network"]["source"] == "sonata" else []
    return selected("seed", "network.source", "network.min_cells_per_type", *own)


def circuit_inputs():
    """Return the files of a circuit made by others, or end the run with a sentence."""
    if config["network"]["source"] != "sonata":
        return []
    # Only here, as it takes a second.
    from evoplast.configuration.settings import filled
    from evoplast.sonata import SonataSettings, circuit_files

    try:
        settings = filled(SonataSettings, config["network"]["sonata"])
        return [str(path) for path in circuit_files(settings)]
    except UserError as error:
        sys.exit(f"Error in the configuration: {error}")


def result(path):
    """Return a path below the folder of this run."""
    return f"results/{config['run']}/{path}"


def log_of(job):
    """Return the log of a job; ``job`` is its rule and, after a slash, wildcards."""
    return f"logs/{config['run']}/{job}.log"


def benchmark_of(job):
    """Return the file with time and memory of a job, named as its log."""
    return f"benchmarks/{config['run']}/{job}.tsv"


# Weights of an export: with the run's gains, or those of the network's own file.
EXPORTED_WEIGHTS = ("as_simulated", "as_built")


def gains_of_export(wildcards):
    """Return the keys that the gains of an export depend on; none without gains."""
    if wildcards.weights == "as_built":
        return {}
    return selected("simulation", "input.lgn_gain", "input.background_gain")


def network_file(instance):
    """Return the file of a network instance; instance 0 is the plain network.nc."""
    name = f"network_{instance}" if instance else "network"
    return result(f"network/{name}.nc")


def network_size(wildcards):
    """Return the number of neurons that the name of a network asks for."""
    match = re.fullmatch(r"scale_(\d+)_\d+", wildcards.network)
    return int(match[1]) if match else config["network"]["n_neurons"]


def network_instance(wildcards):
    """Return the instance that the name of a network asks for."""
    match = re.search(r"_(\d+)$", wildcards.network)
    return int(match[1]) if match else 0


def networks_to_avoid(wildcards):
    """Return from how many training networks a held-out sample of a circuit differs."""
    heldout = network_instance(wildcards) >= FIRST_HELDOUT
    sampled = config["network"]["source"] == "sonata"
    return config["network"]["training_instances"] if heldout and sampled else 0


def segment_file(seed, segment):
    """Return the file of one segment of one search."""
    return result(f"search/seed{seed}/segment_{segment:03d}.nc")


def previous_segment(wildcards):
    """Return the segment that a segment continues; nothing for the first."""
    segment = int(wildcards.segment)
    return segment_file(wildcards.seed, segment - 1) if segment else []


def all_segments(wildcards):
    """Return all segments of one search."""
    return [
        segment_file(wildcards.seed, k) for k in range(config["search"]["segments"])
    ]


def search_instances(wildcards):
    """Return the instances of the networks of one round or segment of one search.

    One for each generation, used by no other stage; the generations of a search are
    numbered through, so that both kinds of search meet the same networks.
    """
    kind, _, number = wildcards.unit.partition("_")
    if kind == "round":
        lengths = [n for _, n, _ in config["families"]["rounds"]]
    else:
        search = config["search"]
        n = search["generations_per_segment"] * search["instances_per_generation"]
        lengths = [n] * search["segments"]
    start = FIRST_SEARCH_INSTANCE * (1 + int(wildcards.seed))
    start += sum(lengths[: int(number)])
    return [start + k for k in range(lengths[int(number)])]


def round_files(seed, number, search="search"):
    """Return the files of one round of one family search, part by part.

    ``search``: its folder, "search", "search_free" without limits of biology, or
    "search_reward_free" without terms of the reward.
    """
    return [
        result(f"{search}/seed{seed}/round_{number:03d}_{part:03d}.nc")
        for part in range(config["families"]["parts"])
    ]


def previous_round(wildcards):
    """Return the files of the round before; nothing for the first."""
    number = int(wildcards.round)
    if not number:
        return []
    return round_files(wildcards.seed, number - 1, wildcards.search)


def all_rounds(wildcards):
    """Return the files of all rounds of one search, in order."""
    return family_files(wildcards.seed, wildcards.search)


def family_files(seed, search="search"):
    """Return the files of all rounds of one search, in order."""
    rounds = range(len(config["families"]["rounds"]))
    return [path for number in rounds for path in round_files(seed, number, search)]


def round_settings(wildcards):
    """Return what a round depends on: the rounds up to it, not those after it."""
    settings = world_settings(
        "task.validation_trials",
        *EXTRA_OBJECTIVES,
        *CIRCUIT,
        *without("families", "parts", "rounds"),
    )
    families = dict(settings["families"])
    families["rounds"] = config["families"]["rounds"][: int(wildcards.round) + 1]
    if wildcards.search == "search_free":
        families |= {"max_wasserstein_hz": None, "max_rate_hz": None}
    elif wildcards.search == "search_reward_free":
        families["excluded_terms"] = REWARD_TERMS
    return {**settings, "families": families}


def draws(name):
    """Return the files of one figure."""
    return [result(f"figures/{name}.{ending}") for ending in ("pdf", "png")]


# In the order of the declarations, whatever the order in the user's file: whoever depends
# on the whole config is not made again for it.
COMPLETE = checked(config)
config.clear()
config.update(COMPLETE)

# What every simulating job gets; results do not depend on either.
THREADS, GPUS = config["execution"]["threads"], config["execution"]["gpus"]

SEEDS = range(config["search"]["seeds"])
TRAINING_NETWORKS = [
    network_file(k) for k in range(config["network"]["training_instances"])
]
HELDOUT_NETWORKS = [
    network_file(FIRST_HELDOUT + k)
    for k in range(config["network"]["heldout_instances"])
]
SCALE_NETWORKS = [
    result(f"network/scale_{size}_{FIRST_HELDOUT + k}.nc")
    for size, n in zip(
        config["cross_scale"]["sizes"], config["cross_scale"]["instances"]
    )
    for k in range(n)
]
OWN_RULES = own_rules(config)
STIMULI = [result(f"stimuli/{name}.nc") for name in STIMULUS_SETS]
ALGORITHM = config["search"]["algorithm"]
if ALGORITHM == "swarm":
    SEARCHED = [segment_file(k, config["search"]["segments"] - 1) for k in SEEDS]
    HISTORIES = [result(f"search/seed{seed}/history.parquet") for seed in SEEDS]
else:
    SEARCHED = [path for seed in SEEDS for path in family_files(seed)]
    HISTORIES = [result(f"search/seed{seed}/families.parquet") for seed in SEEDS]
STAGES = [
    *map(
        result,
        (
            "calibration/calibration.nc",
            "calibration/scan_differences_run.parquet",
            "baselines/random_rules.parquet",
            "baselines/known_rules.parquet",
            "pareto/rules.parquet",
            "pareto/parameters.nc",
            "analysis/comparison.parquet",
            "analysis/rule_frequency.parquet",
            "analysis/long_horizon.nc",
            "analysis/cross_scale.parquet",
            *(f"gradient/{optimiser}.parquet" for optimiser in OPTIMISERS),
        ),
    ),
    *HISTORIES,
]
