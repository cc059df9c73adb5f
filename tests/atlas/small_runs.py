"""A run of made-up numbers in files, for tests of the atlas: nothing is simulated."""

from types import SimpleNamespace

import jax
import numpy as np
import pandas as pd
import xarray as xr

from evoplast.analysis.comparison import compare
from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.rules import (
    RuleSpace,
    decode,
    formula,
    genomes_to_dataset,
    known_rules,
    random_genomes,
)

TYPES = tuple("i1Htr3a e23 i23Pvalb i23Sst e4 i4Pvalb".split())
SPLITS = {"selection": range(4), "unseen": range(100, 112)}
TASKS = ("gratings", "natural")
CONFIG = {
    "run": "toy",
    "network": {"n_neurons": 60, "training_instances": 4, "heldout_instances": 12},
    "search": {"algorithm": "families", "coefficient_prior": "uniform", "seeds": 1},
    "long_horizon": {"rules": 1},
}
PROVENANCE = {
    "settings": {
        "plasticity": {
            "eta": 0.01,
            "max_relative_change": 0.01,
            "bound_factor": 4.0,
            "continuous_term_scale": 0.0133,
        },
        "pareto": {"max_rate_hz": 115.0, "max_synchrony": 0.05},
    }
}


def make_run(folder, n_evolved=6, n_random=4, names=None, best=0.05, **drawing):
    """Write a run below ``folder`` and return its files.

    ``names`` replace those of the first evolved rules; ``best``: by how much the first
    evolved rule is better than the others; ``splits``: networks by split; ``drawing``
    of ``random_genomes``.
    """
    splits = drawing.pop("splits", SPLITS)
    space = RuleSpace(drawing.pop("n_types", len(TYPES)), 0.0, 1.0)
    types = TYPES if space.n_types == len(TYPES) else [f"e{k}" for k in range(17)]
    drawing = {"gate_probability": 0.2, **drawing}
    evolved = random_genomes(space, n_evolved, jax.random.key(1), **drawing)
    drawn = random_genomes(space, n_random, jax.random.key(2), **drawing)
    known = list(known_rules(space).items())[:4]
    called = [f"evolved {k}" for k in range(n_evolved)]
    called[: len(names or [])] = names or []
    groups = {
        "evolved": (called, ["evolved"] * n_evolved, evolved),
        "random": ([f"random {k}" for k in range(n_random)], None, drawn),
        "known": (
            [name for name, _ in known],
            ["no plasticity", "known", "known", "known"],
            np.stack([genome for _, genome in known]),
        ),
    }
    files, all_cells = {}, []
    for kind, (own_names, own_groups, genomes) in groups.items():
        table, cells = _tables(
            kind, own_names, own_groups, genomes, space, (best, splits)
        )
        files[kind] = [
            str(folder / f"{kind}_{end}")
            for end in ("rules.parquet", "cells.parquet", "parameters.nc")
        ]
        write_table(files[kind][0], table, PROVENANCE)
        write_table(files[kind][1], cells, PROVENANCE)
        write_dataset(
            files[kind][2], genomes_to_dataset(space, genomes, types), PROVENANCE
        )
        all_cells.append(cells)
    comparison = compare(pd.concat(all_cells, ignore_index=True), 1)
    files["comparison"] = str(folder / "comparison.parquet")
    write_table(files["comparison"], comparison, PROVENANCE)
    files["ceiling"] = str(folder / "ceiling.parquet")
    write_table(files["ceiling"], ceiling_table(), PROVENANCE)
    files["horizon"] = str(folder / "horizon.nc")
    write_dataset(files["horizon"], horizon(called[0]), PROVENANCE)
    return SimpleNamespace(**files)


def add_analyses(folder, files, name):
    """Write what analyses measure of the rule ``name``; return the files with it."""
    rng = np.random.default_rng(5)
    chosen = pd.DataFrame({"label": ["best"], "name": [name], "group": ["evolved"]})
    firing = pd.DataFrame(
        [
            {"rule": rule, "instance": k, "cell_type": t, "rate_hz": rng.gamma(2.0)}
            for rule in ("best", "none")
            for k in range(100, 103)
            for t in TYPES[1:]
            for _ in range(4)
        ]
    )
    weights = pd.DataFrame(
        {"rule": "best", "pre": TYPES[0], "post": TYPES[1:3], "log_change": [0.5, -9.0]}
    )
    tables = {"chosen": chosen, "firing": firing, "weights": weights}
    paths = {key: str(folder / f"{key}.parquet") for key in tables}
    for key, table in tables.items():
        write_table(paths[key], table, PROVENANCE)
    return SimpleNamespace(**vars(files), **paths)


def _tables(kind, names, groups, genomes, space, how):
    best, splits = how
    n = len(names)
    gates = np.asarray(decode(space, genomes).gates)
    table = pd.DataFrame({"rule": np.arange(n), "name": names})
    table["group"] = groups or [kind] * n
    table["formula"] = [formula(row) for row in gates]
    table["champion"] = (np.arange(n) == 0) | (kind == "known")
    table["flag"], table["reported_split"] = 0, list(splits)[-1]
    table["selection_rank"] = np.arange(n) + 1
    table["n_trials_unseen"], table["n_trials_selection"] = 1200, 400
    if kind == "evolved":
        table["search_seed"], table["search_evaluations"] = 0, 12
        table["family"], table["operator"], table["parents"] = 7, "drop", "3"
    if kind == "random":
        table["reevaluated"], table["screening_instance"] = True, 0
    rng = np.random.default_rng(len(kind))
    cells = [
        _cells(row, split, instances, gates[row.rule], rng, best)
        for row in table.itertuples()
        for split, instances in splits.items()
    ]
    return table, pd.concat(cells, ignore_index=True)


def _cells(row, split, instances, gates, rng, best):
    n = len(instances)
    hardness = 0.02 * np.sin(np.arange(n))
    better = best if row.champion and row.group == "evolved" else 0.0
    cells = pd.DataFrame({"rule": row.rule, "name": row.name, "group": row.group}, [0])
    cells = cells.loc[[0] * n].reset_index(drop=True)
    cells["champion"], cells["split"], cells["flag"] = row.champion, split, 0
    # One rule broke in one network.
    cells.loc[0, "flag"] = 3 * (row.name == "random 3")
    cells["instance"], cells["seed_index"] = list(instances), 0
    for task in TASKS:
        noise = 0.01 * rng.normal(size=n)
        cells[f"accuracy_{task}"] = 0.55 + better + hardness + noise
    cells["cross_accuracy"] = cells[[f"accuracy_{t}" for t in TASKS]].mean(axis=1)
    cells["complexity"] = gates.sum() / 25
    typical = {"max_rate_hz": 60, "synchrony": 0.01, "rate_difference_hz": 2}
    typical |= {"wasserstein_hz": 3, "mean_rate_hz": 7}
    typical |= {"fraction_at_bound": 0.1, "relative_weight_change": 0.3}
    for name, value in typical.items():
        cells[name] = value * rng.uniform(0.8, 1.2, n)
    return cells


def ceiling_table():
    return pd.DataFrame(
        [
            {"task": task, "readout": readout, "instance": k, "accuracy": a + 0.02 * k}
            for task in TASKS
            for readout, a in (("type means", 0.62), ("all cells", 0.75))
            for k in range(2)
        ]
    )


def horizon(name):
    trials = np.array([0, 60, 120])
    values = {
        f"{key}_{end}": (("rule", "stage"), np.full((1, 3), value))
        for key, mean in (
            ("cross_accuracy", 0.57),
            ("mean_rate_hz", 7.0),
            ("fraction_at_bound", 0.1),
        )
        for end, value in (("mean", mean), ("se", mean / 50))
    }
    return xr.Dataset(
        values,
        coords={
            "training_trials": ("stage", trials),
            "name": ("rule", [name]),
            "group": ("rule", ["evolved"]),
            "instance": np.arange(100, 112),
        },
        attrs={"search_training_trials": 60},
    )
