"""Small tables with the columns of the artefacts, for the tests of figures."""

import numpy as np
import pandas as pd
import xarray as xr

TASKS = ("gratings", "natural")
OBJECTIVES = {
    "max_rate_hz": 60.0,
    "synchrony": 0.01,
    "rate_difference_hz": 2.0,
    "wasserstein_hz": 3.0,
    "mean_rate_hz": 7.0,
}
FORMULAS = (
    "Δw = S_pre",
    "Δw = X_post + S_pre·X_pre",
    "Δw = S_pre + X_pre·X_post + S_post·X_pre·R + X_post²·R + R",
)
TERMS = tuple("S_pre S_post X_pre X_post S_pre·S_post S_pre·X_pre S_pre·X_post".split())
TYPES = ("i1Htr3a", "e23", "i23Pvalb", "e5", "i5Sst")


def rules(group, n, seed, **columns):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"rule": np.arange(n), "group": group})
    table["name"] = [f"{group} {i}" for i in range(n)]
    table["formula"] = [FORMULAS[i % 3] for i in range(n)]
    table["complexity_mean"], table["complexity_se"] = rng.integers(1, 8, n) / 25, 0.0
    for name, typical in OBJECTIVES.items():
        table[f"{name}_mean"] = typical * rng.uniform(0.7, 1.5, n)
        table[f"{name}_se"] = 0.05 * typical
    names = ["cross_accuracy", *[f"accuracy_{task}_unseen" for task in TASKS]]
    for name in names:
        table[f"{name}_mean"] = 0.58 + 0.03 * rng.normal(size=n)
        table[f"{name}_se"] = 0.012
    table["reported_split"], table["n_instances_unseen"] = "unseen", 2
    table["champion"] = np.arange(n) == n // 2
    table["on_front"] = np.arange(n) % 4 != 3
    return table.assign(**columns)


def random_rules(n=120):
    table = rules("random", n, 1)
    rng = np.random.default_rng(2)
    table["screening_cross_accuracy"] = 0.51 + 0.03 * rng.normal(size=n)
    table["reevaluated"] = np.arange(n) < 8
    return table


def known_rules():
    known = rules("known", 6, 3, champion=[True, False] * 3)
    still = rules("no plasticity", 2, 4, champion=[True, False])
    return pd.concat([known, still], ignore_index=True)


def history(seed=0, n=12):
    rng = np.random.default_rng(seed)
    rise = 1 - np.exp(-np.arange(n) / 5)
    table = pd.DataFrame({"generation": np.arange(n)})
    table["hypervolume"] = 0.3 + 0.2 * rise
    table["hypervolume_se"] = 0.01
    table["best_accuracy"] = 0.57 + 0.06 * rise
    table["best_accuracy_se"] = 0.02
    table["fresh_accuracy"] = 0.54 + 0.06 * rise
    table["offspring_accuracy"] = 0.52 + 0.05 * rise
    table["control_accuracy"] = 0.52 + 0.02 * rng.normal(size=n)
    table["front_size"] = rng.integers(5, 20, n)
    table["flagged"] = rng.integers(0, 4, n)
    for term in ("S_pre", "X_post", "S_pre·X_post"):
        table[f"share of {term}"] = rng.random(n)
    table["mean_complexity"] = 0.12 + 0.05 * rise
    return table


def families(seed=0):
    """Two rounds of a family search: 3 families, then 2, one of which stayed."""
    rng = np.random.default_rng(seed)
    rounds = ((0, (0, 1, 2), (0, 1)), (1, (1, 3), (2, 3, 4)))
    rows = [
        {"round": n, "generation": generation, "family": family}
        for n, members, generations in rounds
        for family in members
        for generation in generations
    ]
    table = pd.DataFrame(rows)
    n_terms = table["family"] + 1
    table["formula"] = ["Δw = " + " + ".join(TERMS[:n]) for n in n_terms]
    table["n_terms"], table["operator"] = n_terms, "start"
    table["gain"] = 0.01 * table["family"] + 0.005 * rng.normal(size=len(table))
    table["sample_gain"] = table["gain"] - 0.002
    table["max_rate_hz"] = 80 + 10 * rng.random(len(table))
    table["wasserstein_hz"] = 4 + rng.random(len(table))
    table["control_wasserstein_hz"] = 4.5 + 0.1 * table["generation"]
    return table


def search_benchmark(problem, dimension):
    rng = np.random.default_rng(dimension)
    names = ("random points", "swarm, scalar, indicator", "NSGA-II")
    rows = [
        (problem, dimension, name, seed, level * (0.9 + 0.2 * rng.random()))
        for name, level in zip(names, (1.0, 0.4, 0.7), strict=True)
        for seed in range(5)
    ]
    columns = ["problem", "dimension", "algorithm", "seed", "relative_igd"]
    return pd.DataFrame(rows, columns=columns)


def search_ablation():
    rng = np.random.default_rng(2)
    rows = [
        (name, seed, shift + 0.01 * rng.normal(), 0.05 + 0.01 * rng.normal())
        for seed in range(4)
        for name, shift in (("both", 0.0), ("no shrinkage", 0.03), ("neither", 0.05))
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", "bias", "gain"])


def ceiling():
    rng = np.random.default_rng(4)
    rows = [
        (size, instance, task, readout)
        for size in (250, 1000)
        for instance in (200, 201)
        for task in ("gratings", "natural")
        for readout in ("pool mean", "pool cells", "type means", "all cells")
    ]
    names = ["n_neurons", "instance", "task", "readout"]
    found = rng.uniform(0.5, 0.9, (len(rows), 2))
    table = pd.DataFrame(rows, columns=names)
    return table.assign(auc=found[:, 0], accuracy=found[:, 1], n_trials=600)


def frequency():
    rows = []
    for group, n in (("evolved", 12), ("random", 120)):
        entries = [("formula", name) for name in FORMULAS]
        entries += [("term", name) for name in TERMS]
        for i, (kind, name) in enumerate(entries):
            share = 0.5 / (1 + i % 5)
            spread = 1.5 / np.sqrt(n)
            rows.append(
                {
                    "group": group,
                    "kind": kind,
                    "name": name,
                    "unit": "search" if group == "evolved" else "rule",
                    "n": n,
                    "share": share,
                    "low": max(share - spread * share, 0),
                    "high": min(share + spread * share, 1),
                    "paper_share": 34 / 70 if name == "Δw = S_pre" else np.nan,
                }
            )
    return pd.DataFrame(rows)


def long_horizon():
    rng = np.random.default_rng(5)
    shape = (3, 4)
    trials = np.array([0, 60, 120, 240])
    data = xr.Dataset(
        coords={
            "training_trials": ("stage", trials),
            "name": ("rule", ["evolved 3", "evolved 0", "S_pre"]),
            "formula": ("rule", list(FORMULAS)),
        },
        attrs={"search_training_trials": 60, "test_trials": 100},
    )
    for name, level in (
        ("cross_accuracy", 0.57),
        ("mean_rate_hz", 8.0),
        ("fraction_at_bound", 0.2),
    ):
        data[f"{name}_mean"] = (
            ("rule", "stage"),
            level * (1 + 0.05 * rng.normal(size=shape)),
        )
        data[f"{name}_se"] = (("rule", "stage"), np.full(shape, 0.03 * level))
    every_cell = 0.57 + 0.02 * rng.normal(size=(3, 2, 1, 4))
    data["cross_accuracy"] = (("rule", "instance", "seed", "stage"), every_cell)
    return data.assign_coords(instance=[100, 101], seed=[0])


def horizon_trend():
    slopes, verdicts = [0.01, -0.02, np.nan], ["steady", "falls", "steady"]
    return pd.DataFrame(
        {
            "rule": range(3),
            "quantity": "cross_accuracy",
            "slope": slopes,
            "slope_se": [0.01, 0.004, np.nan],
            "verdict": verdicts,
        }
    )


def cross_scale():
    parts = []
    for size in (200, 300, 400):
        evolved = rules("evolved", 3, size)
        still = rules("no plasticity", 2, size + 1).assign(rule=[3, 4])
        part = pd.concat([evolved, still], ignore_index=True).assign(n_neurons=size)
        part["gain_mean"] = part["cross_accuracy_mean"] - 0.56
        part["gain_se"] = 0.01
        parts.append(part.assign(is_search_size=size == 300))
    return pd.concat(parts).assign(n_cells=4, n_instances=2)


def gradient(optimiser, rates):
    seen = np.array([0, 160, 320, 480, 640])
    tables = []
    for task in TASKS:
        for i, rate in enumerate(rates):
            table = pd.DataFrame({"samples_seen": seen, "seed": 0, "task": task})
            table["optimiser"], table["learning_rate"] = optimiser, rate
            table["accuracy"] = 0.54 + 0.0001 * seen * (2 - i)
            table["standard_error"], table["n_scored"] = 0.035, 200
            table["diverged"], table["validation_accuracy"] = False, table["accuracy"]
            tables += [table.assign(instance=100), table.assign(instance=101)]
    return pd.concat(tables, ignore_index=True)


def diverged(table):
    last = len(table) - 1
    table.loc[last, ["accuracy", "standard_error"]] = np.nan
    table.loc[last, "n_scored"] = 0
    table.loc[last, "diverged"] = True
    return table


def network():
    rng = np.random.default_rng(6)
    n, e, m = 80, 600, len(TYPES)
    kind = np.sort(np.concatenate([np.arange(m), rng.integers(0, m, n - m)]))
    return xr.Dataset(
        {
            "cell_type_excitatory": ("cell_type", np.int8([0, 1, 0, 1, 0])),
            "cell_cell_type": ("neuron", kind),
            "cell_x_um": ("neuron", rng.uniform(-30, 30, n)),
            "cell_y_um": ("neuron", rng.uniform(0, 900, n)),
            "edge_source": ("edge", rng.integers(0, n, e)),
            "edge_target": ("edge", rng.integers(0, n, e)),
        },
        coords={"cell_type": list(TYPES)},
    )


def calibration():
    time = np.arange(0, 300, 10)
    rise = 1 + 5 * np.exp(-(((time - 110) / 40) ** 2))
    rate = rise * np.array([[[1.1], [1.0]], [[1.2], [0.9]]])
    auc = np.array([[0.66, 0.62, 0.5], [0.6, 0.58, 0.49]])
    terms = [*TERMS, "random 0", "random 1"]
    share = np.linspace(0.1, 0.9, len(terms)) + np.array([[-0.05], [0.05]])
    return xr.Dataset(
        {
            "rate_hz_mean": ("cell_type", [9.0, 5.0, 20.0, 6.0, 2.0]),
            "rate_hz_se": ("cell_type", np.full(5, 1.0)),
            "mouse_rate_hz": ("cell_type", [7.0, 1.5, 7.0, 6.4, np.nan]),
            "pool_rate_hz": (("task", "condition", "time"), rate),
            "pool_rate_hz_se": (("task", "condition", "time"), 0.1 * rate),
            "auc": (("task", "window"), auc),
            "auc_se": (("task", "window"), np.full((2, 3), 0.02)),
            "fraction_changed": (("rule_instance", "rule"), share),
            "fraction_at_bound": (("rule_instance", "rule"), 0.5 * share),
        },
        coords={
            "cell_type": list(TYPES),
            "task": list(TASKS),
            "condition": ["change", "repeat"],
            "time_ms": ("time", time),
            "window_start_ms": ("window", [50, 75, 200]),
            "window_end_ms": ("window", [150, 150, 250]),
            "window_configured": ("window", [True, False, False]),
            "term": ("rule", terms),
            "kind": ("rule", ["one term"] * len(TERMS) + ["random"] * 2),
        },
        attrs={"n_instances": 4, "n_trials": 200, "training_trials": 60},
    )
