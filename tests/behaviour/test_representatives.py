"""Which rules all analyses show: tables whose right answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.behaviour import Pool, choose_representatives, read_representatives
from evoplast.configuration.sections.behaviour import RepresentativesSettings
from evoplast.search import Population

SPACE = rules.RuleSpace(2, 0.0, 1.0)
SETTINGS = RepresentativesSettings.default()
# Formula, accuracy, highest rate, distance to the mouse on the selection networks.
FRONT = [
    ({"S_pre": 1.0, "X_post": 1.0}, 0.60, 150.0, 3.0),
    ({"X_pre": 1.0}, 0.58, 100.0, 9.0),
    ({"X_pre": 1.0, "X_post": 1.0}, 0.57, 100.0, 4.0),
    ({"S_pre": 1.0}, 0.55, 50.0, 2.0),
]
KNOWN = [
    ({}, 0.54, 60.0, 4.5),
    ({"S_pre": 1.0}, 0.53, 60.0, 4.5),
    ({"X_pre²": 1.0}, 0.56, 60.0, 4.5),
]
RANDOM = [({"R": 1.0}, 0.52, 60.0, 4.5), ({"X_post²": 1.0}, 0.59, 60.0, 4.5)]


def pool(name, entries, groups, names=None, **columns):
    genomes = np.stack([rules.uniform_rule(SPACE, terms) for terms, *_ in entries])
    table = pd.DataFrame({"rule": range(len(entries)), "group": groups, **columns})
    table["name"] = names or [f"{name} {i}" for i in range(len(entries))]
    table["formula"] = rules.formulas(SPACE, genomes)
    table["n_terms"] = [len(terms) for terms, *_ in entries]
    cells = pd.DataFrame(
        [
            {
                "rule": i,
                "split": split,
                "instance": instance,
                "flag": 0,
                # What was held out says the opposite and must not count.
                "cross_accuracy": accuracy + shift
                if split == "selection"
                else 1 - accuracy,
                "max_rate_hz": rate,
                "wasserstein_hz": distance,
            }
            for i, (_, accuracy, rate, distance) in enumerate(entries)
            for split in ("selection", "unseen")
            for instance, shift in ((0, -0.01), (1, 0.01))
        ]
    )
    return Pool(name, table, genomes, cells)


@pytest.fixture
def pools():
    names = ["no plasticity", "S_pre", "other"]
    groups = ["no plasticity", "known", "known"]
    return {
        "evolved": pool("evolved", FRONT, "evolved"),
        "known": pool("known", KNOWN, groups, names, champion=True),
        "random": pool("random", RANDOM, "random", reevaluated=True),
    }


def population(seed, entries, means):
    genomes = np.stack([rules.uniform_rule(SPACE, terms) for terms in entries])
    n = len(entries)
    return Population(
        search_seed=seed,
        genomes=genomes,
        means=np.array(means, float),
        counts=np.ones(n, int),
        flags=np.zeros(n, int),
        origins=None,
    )


@pytest.fixture
def populations():
    good, bad = [-0.6, 0.04, 1, 0, 1, 1], [-0.5, 0.08, 2, 0, 2, 2]
    best, simple = {"S_pre": 1.0, "X_post": 1.0}, {"X_pre": 1.0, "X_post": 1.0}
    return [
        population(0, [simple, best], [good, bad]),
        population(1, [simple, {"R": 1.0}], [good, good]),
        population(2, [best], [good]),
    ]


def chosen(pools, populations, settings=SETTINGS):
    found = choose_representatives(SPACE, pools, populations, settings)
    return found, found.table.set_index("label")


def test_each_label_has_its_rule_by_the_selection_networks_alone(pools, populations):
    found, table = chosen(pools, populations)
    formula = table["formula"].to_dict()
    assert formula == {
        "best": "Δw = S_pre + X_post",
        # The best has 150 Hz, the next is farther from the mouse than no plasticity.
        "best_within": "Δw = X_pre + X_post",
        "simplest": "Δw = X_pre",
        "known": "Δw = X_pre²",
        "random": "Δw = X_post²",
        "none": "Δw = 0",
    }
    assert table["selection_accuracy"].to_dict()["best"] == pytest.approx(0.60)
    assert (table["n_selection_networks"] == 2).all()


def test_a_rule_of_two_labels_stands_once_and_has_both(pools, populations):
    # X_pre + X_post is on the own front of two of three searches; S_pre + X_post is
    # dominated in one, so only one search's front holds it.
    found, table = chosen(pools, populations)
    assert table.loc["best_within", "labels"] == "best_within, frequent"
    assert found.index("frequent") == found.index("best_within")
    assert ";" in table.loc["best_within", "reason"]


def test_genomes_are_those_of_the_stage(pools, populations):
    found, table = chosen(pools, populations)
    for row in found.table.itertuples():
        expected = pools[row.pool].genomes[row.pool_rule]
        assert np.array_equal(found.genomes[row.rule], expected)


def test_nobody_is_within_where_every_rule_fires_too_fast(pools, populations):
    _, table = chosen(pools, populations, replace(SETTINGS, max_rate_hz=10.0))
    assert "best_within" not in ", ".join(table["labels"])


def test_the_known_rule_may_be_named(pools, populations):
    _, table = chosen(pools, populations, replace(SETTINGS, known_rule="S_pre"))
    assert table.loc["known", "formula"] == "Δw = S_pre"
    with pytest.raises(UserError, match="representatives.known_rule is 'Hebb', but"):
        chosen(pools, populations, replace(SETTINGS, known_rule="Hebb"))


def test_an_empty_stage_is_named(pools, populations):
    empty = replace(pools["random"], table=pools["random"].table.iloc[:0])
    with pytest.raises(UserError, match="no rule in the stage random.*best_rules"):
        chosen({**pools, "random": empty}, populations)


def test_what_is_written_is_read_again(pools, populations, tmp_path):
    found, _ = chosen(pools, populations)
    table, parameters = tmp_path / "t.parquet", tmp_path / "p.nc"
    write_table(table, found.table, {})
    named = rules.genomes_to_dataset(SPACE, found.genomes, ["a", "b"])
    write_dataset(parameters, named, {})
    again = read_representatives(table, parameters)
    assert np.array_equal(again.genomes, found.genomes)
    assert again.named.names == found.table["label"].tolist()
    with pytest.raises(UserError, match="No rule is labelled 'worst'; there are best"):
        again.index("worst")


def test_files_that_do_not_belong_together_are_named(pools, populations, tmp_path):
    found, _ = chosen(pools, populations)
    table, parameters = tmp_path / "t.parquet", tmp_path / "p.nc"
    write_table(table, found.table, {})
    turned = rules.genomes_to_dataset(SPACE, found.genomes[::-1], ["a", "b"])
    write_dataset(parameters, turned, {})
    with pytest.raises(UserError, match="does not hold the rules of"):
        read_representatives(table, parameters)
