# Named functions and lists that the rules of search_studies.smk use: no rule stands here.
BENCHMARK_PROBLEMS = ("dtlz2", "lsmop1", "dtlz7")
BENCHMARK_TABLES = [
    result(f"search_benchmark/{problem}_{dimension}.parquet")
    for problem in BENCHMARK_PROBLEMS
    for dimension in config["search_benchmark"]["dimensions"]
]
# Keys of the swarm that the benchmark takes over; the others are compared in it.
SWARM_KEYS = (
    "alpha",
    "centre_weight",
    "mutation_index",
    "gate_flip_probability",
    "shrinkage",
    "indicator_scale",
    "variance_prior",
    "mutations_per_offspring",
    "hierarchical_sigma",
)
ABLATION_KEYS = (
    *SWARM_KEYS,
    "refresh",
    "random_factors",
    "tie_break",
    "preferred_share",
)
ESTIMATES = ("counted", "smoothed")
PROOF_SEARCHES = range(config["search_proof"]["seeds"])


def proof_settings(*names):
    """Return what the proof of one search depends on, and ``names`` besides."""
    search = without("search", "algorithm", "segments", "seeds")
    trials = "task.validation_trials"
    return world_settings("baselines", *search, trials, *names)


def random_order_settings():
    """Return the same for sequences in random order, as wherever nothing is balanced."""
    settings = proof_settings("task.test_trials", *without("search_proof", "seeds"))
    return {**settings, "task": {**settings["task"], "balanced_stimuli": 0}}


def proof_file(seed, name):
    """Return a file of the proof of one search."""
    return result(f"search_proof/seed{seed}/{name}")


def proof_families(wildcards):
    """Return the files of one family search with limits of biology."""
    return family_files(wildcards.seed)


def proof_free_families(wildcards):
    """Return the files of one family search without limits of biology."""
    return family_files(wildcards.seed, "search_free")


def reward_free_families(wildcards):
    """Return the files of one family search without terms of the reward."""
    return family_files(wildcards.seed, "search_reward_free")


def reward_file(seed, name):
    """Return a table of what the searches of one seed found with and without reward."""
    return result(f"reward_search/seed{seed}/{name}.parquet")


def proof_networks(wildcards):
    """Return the networks that only the proof of this search uses."""
    n = config["search_proof"]["heldout_instances"]
    first = FIRST_HELDOUT + int(wildcards.seed) * n
    return [network_file(first + k) for k in range(n)]


def last_segment(wildcards):
    """Return the last segment of one search."""
    return segment_file(wildcards.seed, config["search"]["segments"] - 1)


def variant_settings():
    """Return what one small search depends on, besides its plan."""
    lists = (
        "training_networks",
        "sizes",
        "gate_probabilities",
        "coefficient_priors",
        "preferred_shares",
        "alphas",
        "hierarchical_sigmas",
    )
    study = without("search_studies", *lists, "seeds", "bias_seeds")
    search = without("search", "seeds", "segments", "population", "control_rules")
    trials = ("task.validation_trials", "task.test_trials")
    return world_settings(*study, *search, *trials, "baselines.thresholds")


def variant_plan(wildcards):
    """Return in what a search differs from the reference."""
    kind, _, value = wildcards.variant.partition("_")
    last = config["search_studies"]["generations"]
    looks = config["search_studies"]["looks"]
    plan = {
        "search": {},
        "variant": {
            "controlled": wildcards.variant not in ("no_control_group", "neither"),
            # Only the reference shows the course; measuring costs as much as searching.
            "looks": looks if kind == "reference" else [last],
        },
    }
    if wildcards.variant in ("no_shrinkage", "neither"):
        plan["search"]["shrinkage"] = 0.0
    elif kind in ESTIMATES:
        plan["search"]["accuracy_estimate"] = kind
    elif kind == "gates":
        plan["search"]["initial_gate_probability"] = float(value)
    elif kind == "prior":
        plan["search"]["coefficient_prior"] = value
    elif kind == "share":
        plan["search"]["preferred_share"] = float(value)
    elif kind == "alpha":
        plan["search"]["alpha"] = float(value)
    elif kind == "steps":
        plan["search"]["hierarchical_sigma"] = float(value)
    return plan


def variant_size(variant):
    """Return neurons and number of training networks of a search."""
    kind, _, value = variant.partition("_")
    network = config["network"]
    neurons = int(value) if kind == "neurons" else network["n_neurons"]
    count = int(value) if kind == "networks" else network["training_instances"]
    return neurons, count


def sized_network(neurons, instance):
    """Return a network of a size; of the run's own size, the run's own."""
    if neurons == config["network"]["n_neurons"]:
        return network_file(instance)
    return result(f"network/scale_{neurons}_{instance}.nc")


def variant_seen(wildcards):
    """Return the networks that a search trains on."""
    neurons, count = variant_size(wildcards.variant)
    return [sized_network(neurons, k) for k in range(count)]


def variant_unseen(wildcards):
    """Return networks of the same size that no search trains on."""
    neurons, _ = variant_size(wildcards.variant)
    n = config["search_studies"]["heldout_instances"]
    return [sized_network(neurons, FIRST_HELDOUT + k) for k in range(n)]


def other(values, own):
    """Return the values of a list that are not the reference's own."""
    return [value for value in values if value != own]


def study_variants():
    """Return the searches of each study by name, the reference first."""
    study, search = config["search_studies"], config["search"]
    own = config["network"]
    counts = other(study["training_networks"], own["training_instances"])
    sizes = other(study["sizes"], own["n_neurons"])
    gates = other(study["gate_probabilities"], search["initial_gate_probability"])
    priors = other(study["coefficient_priors"], search["coefficient_prior"])
    alphas = other(study["alphas"], search["alpha"])
    sigmas = other(study["hierarchical_sigmas"], search["hierarchical_sigma"])
    shares = other(study["preferred_shares"], search["preferred_share"])
    changed = {
        "generalisation": [f"networks_{n}" for n in counts]
        + [f"neurons_{n}" for n in sizes],
        "selection_bias": [
            "no_control_group",
            "no_shrinkage",
            "neither",
            *other(ESTIMATES, search["accuracy_estimate"]),
        ],
        "initialisation": [f"gates_{p:g}" for p in gates]
        + [f"prior_{name}" for name in priors]
        + [f"share_{p:g}" for p in shares],
        "swarm_options": [f"alpha_{p:g}" for p in alphas]
        + [f"steps_{p:g}" for p in sigmas],
    }
    return {name: ["reference", *variants] for name, variants in changed.items()}


def study_tables(kind):
    """Return the function that gives the tables of all searches of a study."""

    def tables(wildcards):
        bias = wildcards.study == "selection_bias"
        n = config["search_studies"]["bias_seeds" if bias else "seeds"]
        return [
            result(f"search_studies/{variant}/seed{seed}/{kind}.parquet")
            for variant in STUDY_VARIANTS[wildcards.study]
            for seed in range(n)
        ]

    return tables


STUDY_VARIANTS = study_variants()
PROOF_TABLES = (
    "rules",
    "choices",
    "cells",
    "comparison",
    "outcomes",
    "complexity_front",
    "wasserstein_front",
    "recurrence",
    "agreement",
    "order",
)
SEARCH_STUDIES = {
    "search_proof": [
        *(result(f"search_proof/{name}.parquet") for name in PROOF_TABLES),
        result("search_proof/summary.md"),
        *draws("search_proof"),
    ],
    "reward_search": [
        result("reward_search/comparison.parquet"),
        *draws("reward_search"),
    ],
    "information": [
        result("search_studies/information.parquet"),
        *draws("information"),
    ],
    "rule_spread": [
        result("search_studies/rule_spread.parquet"),
        *draws("rule_spread"),
    ],
    "sequence_noise": [
        result("search_studies/sequence_noise.parquet"),
        *draws("sequence_noise"),
    ],
    **{
        study: [result(f"search_studies/{study}.parquet"), *draws(study)]
        for study in STUDY_VARIANTS
    },
}
