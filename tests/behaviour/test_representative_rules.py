"""Differences that are known, pairs that stay pairs, published numbers beside."""

from dataclasses import replace
from pathlib import Path

import fakes
import numpy as np
import pytest
from behaviour_toys import PLAN, FakeEvaluate, representatives

from evoplast.artefacts.errors import UserError
from evoplast.behaviour import (
    compared,
    read_published,
    representative_rules,
    with_published,
)

PUBLISHED = Path(__file__).parents[2] / "resources/paper/results.csv"


def truth(genome):
    return 0.5 + 0.05 * (genome[:25] > 0.5).sum()


@pytest.fixture
def measured():
    networks = fakes.worlds(*range(100, 106))
    # What a network has of its own is shared by all rules and cancels in pairs.
    worlds = {k: replace(w, offset=0.1 * (k % 3)) for k, w in networks.items()}
    plan = replace(PLAN, worlds=worlds, sequences=2, evaluate=FakeEvaluate(truth, 0.0))
    return representative_rules(representatives(), plan), plan


def test_differences_are_paired_by_network(measured):
    (table, cells), _ = measured
    cross = table[table["quantity"] == "cross_accuracy"].set_index("label")
    assert cross.loc["best", "difference"] == pytest.approx(0.10)
    assert cross.loc["simplest", "difference"] == pytest.approx(0.05)
    assert np.isnan(cross.loc["none", "difference"])
    assert cross.loc["best", "difference_se"] == pytest.approx(0, abs=1e-12)
    assert cross.loc["best", "se"] > 0.02
    # Six networks that agree: 2 / 2^6, corrected for two rules.
    assert cross.loc["best", "p_value"] == pytest.approx(1 / 32)
    assert cross.loc["best", "p_holm"] == pytest.approx(1 / 16)


def test_every_network_has_sequences_of_its_own_and_all_rules_the_same(measured):
    (_, cells), plan = measured
    seeds = {(world, seed) for world, seed, *_ in plan.evaluate.calls}
    assert len(seeds) == len({seed for _, seed in seeds}) == 12
    assert {n for *_, n in plan.evaluate.calls} == {3}
    assert cells.groupby("label")["instance"].nunique().eq(6).all()


def test_sequences_of_one_network_are_no_replicates(measured):
    (_, cells), _ = measured
    doubled = compared(cells, {0: 2}, 1, ["cross_accuracy"])
    once = compared(cells[cells["seed_index"] == 0], {0: 2}, 1, ["cross_accuracy"])
    assert doubled["n_networks"].item() == once["n_networks"].item() == 6


def test_published_numbers_stand_beside_and_are_no_rules(measured):
    (table, _), _ = measured
    both = with_published(table, read_published(PUBLISHED))
    added = both[both["rule"] == -1]
    assert set(added["group"]) == {"paper", "mouse"}
    value = added.set_index(["label", "quantity"])["mean"]
    assert value["five-term best best", "cross_accuracy"] == 0.7186
    assert value["five-term best best", "max_rate_hz"] == 115.63
    assert value["mouse", "accuracy_natural"] == 0.73
    assert added["p_value"].isna().all()


def test_a_published_number_that_is_none_is_named(tmp_path):
    text = PUBLISHED.read_text().replace("0.7186", "many")
    (tmp_path / "results.csv").write_text(text)
    with pytest.raises(UserError, match="value = many in the row subject paper"):
        read_published(tmp_path / "results.csv")
