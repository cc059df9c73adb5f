"""Distances and null models against scipy and worlds whose truth is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr

from evoplast import rules
from evoplast.artefacts.errors import UserError
from evoplast.behaviour import CellPlan, Pool
from evoplast.structure import behaviour_distances, compared_rules, degeneracy_tables
from evoplast.structure.degeneracy import clusters, exchanged, mantel, silhouette
from evoplast.structure.distances import (
    MEASURES,
    expected_disagreement,
    formula_distances,
    relative_distances,
    root_mean_squares,
)

SPACE = rules.RuleSpace(2, 0.0, 1.0)
RNG = np.random.default_rng(3)


def matrix(points):
    return squareform(pdist(points))


def orders(n, count=400):
    rng = np.random.default_rng(1)
    return [rng.permutation(n) for _ in range(count)]


def test_distances_are_scipys():
    values = RNG.normal(size=(5, 4))
    expected = squareform(pdist(values)) / np.sqrt(4)
    np.testing.assert_allclose(root_mean_squares(values), expected, atol=1e-12)
    gates = RNG.random((6, 25)) < 0.3
    gates[:, 0] = True
    np.testing.assert_allclose(
        formula_distances(gates), squareform(pdist(gates, "jaccard")), atol=1e-12
    )


def test_rules_that_share_nothing_are_one_apart_and_opposites_more():
    found = relative_distances(np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]]))
    assert found[0, 1] == pytest.approx(1) and found[0, 2] == pytest.approx(2**0.5)
    assert not np.diag(found).any()


def test_independent_deciders_differ_as_often_as_expected():
    change = RNG.random((1, 4000)) < 0.5
    decisions = RNG.random((2, 1, 4000)) < np.where(change, 0.8, 0.3)
    seen = (decisions[0] != decisions[1]).mean()
    found = expected_disagreement(decisions, change)[0, 1]
    assert found == pytest.approx(seen, abs=0.02)


def test_mantel_is_spearman_with_rules_exchanged():
    points = RNG.normal(size=(9, 2))
    left, right = matrix(points), matrix(points + RNG.normal(0, 0.2, (9, 2)))
    upper = np.triu_indices(9, 1)
    seen, p_value = mantel(left, right, orders(9))
    assert seen == pytest.approx(spearmanr(left[upper], right[upper]).statistic)
    assert p_value < 0.01


def test_mantel_of_unrelated_distances_is_seldom_sure():
    p = [
        mantel(matrix(RNG.normal(size=(8, 2))), matrix(RNG.normal(size=(8, 2))), o)[1]
        for o in [orders(8, 199)] * 40
    ]
    assert np.mean(np.array(p) < 0.05) < 0.15 and np.mean(p) > 0.3


def test_rules_change_places_within_their_group():
    strata = np.array([0, 0, 0, 1, 1])
    found = np.stack([exchanged(strata, np.random.default_rng(k)) for k in range(20)])
    assert (np.sort(found[:, :3]) == [0, 1, 2]).all() and set(found[:, 3]) == {3, 4}


def test_clusters_are_those_that_were_made():
    points = np.concatenate([RNG.normal(k, 0.05, (4, 2)) for k in (0, 1, 5)])
    labels, value = clusters(matrix(points))
    assert len(set(labels)) in (2, 3) and value > 0.7
    assert len(set(labels[:4])) == len(set(labels[8:])) == 1
    assert labels[0] != labels[8]


def test_the_silhouette_by_hand():
    # 0: inside 1, nearest 9.5 (of 9 and 10); and so on, by symmetry of the line.
    found = silhouette(
        matrix(np.array([[0.0], [1.0], [9.0], [10.0]])), np.array([0, 0, 1, 1])
    )
    outer, inner = 1 - 1 / 9.5, 1 - 1 / 8.5
    assert found == pytest.approx((outer + inner) / 2)


def made_up(behaviour, formula, n_networks=4, noise=0.02):
    """Return distances in which behaviour is that of ``behaviour`` on every network."""
    rng, p = np.random.default_rng(5), len(behaviour)

    def noisy(values):
        drawn = [
            matrix(values + rng.normal(0, noise, values.shape))
            for _ in range(n_networks)
        ]
        return np.stack(drawn)

    parts = {name: noisy(behaviour) for name in MEASURES}
    parts["formula"] = parts["coefficients"] = np.stack([formula] * n_networks)
    dims = ("network", "rule", "other")
    return xr.Dataset(
        {
            "distance": (("measure", *dims), np.stack([parts[m] for m in MEASURES])),
            "accuracy": (dims[:2], np.full((n_networks, p), 0.6)),
        },
        coords={"measure": list(MEASURES)},
    )


def table_of(n):
    return pd.DataFrame(
        {"rule": range(n), "name": "", "group": "evolved", "formula": "", "n_terms": 1}
    )


def outcome(behaviour, formula):
    found = degeneracy_tables(made_up(behaviour, formula), table_of(len(formula)), 1)
    own = found["tests"]
    assert set(own["set"]) == {"evolved", "all"}
    return own[own["set"] == "all"].set_index("quantity")


def test_behaviour_that_follows_the_formula_is_told_from_degeneracy():
    groups = np.repeat([0.0, 1.0, 2.0], 4)[:, None] * np.ones((1, 2))
    same = matrix(groups) > 0
    follows = outcome(groups, same.astype(float))
    within = follows.loc["formula distance within clusters"]
    assert within["value"] < within["null_mean"] and within["p_value"] < 0.05
    assert follows.loc["silhouette", "p_value"] < 0.05
    formula = matrix(np.tile([0.0, 1.0, 2.0, 3.0], 3)[:, None]) > 0
    free = outcome(groups, formula.astype(float))
    assert free.loc["formula distance within clusters", "value"] == 1.0


def test_rules_that_do_something_else_on_every_network_have_no_clusters():
    rng = np.random.default_rng(8)
    data = made_up(np.zeros((10, 2)), matrix(rng.normal(size=(10, 2))), noise=1.0)
    tests = degeneracy_tables(data, table_of(10), 1)["tests"]
    assert (
        tests.set_index(["quantity", "set"]).loc[("silhouette", "all"), "p_value"]
        > 0.05
    )


class FakeEvaluate:
    """Rules decide by their number; a rule's weights grow by its first coefficient."""

    def __call__(self, world, genomes, seed, n_training, n_scored, split, record):
        assert split == "test" and record == ("decisions", "weights")
        p = len(genomes)
        decisions = np.zeros((p, 1, n_scored), bool)
        for k in range(p):
            decisions[k, :, :k] = True
        grown = 1 + genomes[:, SPACE.slices["pre"]][:, :1]
        before = np.abs(world.network.edges.weight_pA)
        return SimpleNamespace(
            recordings={
                "decisions": decisions,
                "weights": (grown * before)[:, None, :],
            },
            change=np.array([[True, False] * (n_scored // 2)]),
            rate_by_type=np.arange(p)[:, None] ** 2.0 * np.ones((1, 2)),
            accuracy=np.full((p, 1), 0.5),
        )


def world():
    edges = SimpleNamespace(
        source=np.array([0, 0, 1]),
        target=np.array([0, 1, 1]),
        weight_pA=np.array([1.0, 2.0, -3.0]),
    )
    cells = SimpleNamespace(cell_type=np.array([0, 1]))
    network = SimpleNamespace(edges=edges, cells=cells, n_types=2)
    return SimpleNamespace(network=network, rule_space=SPACE, task_names=("gratings",))


def genome(text, value):
    return rules.uniform_rule(SPACE, dict.fromkeys(text.split(" + "), value))


def test_distances_of_known_rules():
    plan = CellPlan({100: world(), 101: world()}, 4, 10, 2, 1, "test", FakeEvaluate())
    genomes = np.stack(
        [rules.no_plasticity(SPACE), genome("S_pre", 1.0), genome("S_pre", 0.5)]
    )
    found = behaviour_distances(plan, genomes)
    own = found["distance"].sel(measure="weight change").values
    assert found["distance"].shape == (5, 2, 3, 3)
    assert own[0, 0, 1] == pytest.approx(np.log(2)) and not own[0, 0, 0]
    assert found["distance"].sel(measure="decisions").values[1, 0, 2] == pytest.approx(
        0.2
    )
    assert found["distance"].sel(measure="rates").values[0, 1, 2] == pytest.approx(1.0)
    assert found["distance"].sel(measure="formula").values[0, 1, 2] == 0


def pool(name, group, texts, **columns):
    genomes = np.stack(
        [genome(t, 1.0) if t else rules.no_plasticity(SPACE) for t in texts]
    )
    table = pd.DataFrame(
        {
            "rule": range(len(texts)),
            "name": name,
            "group": group,
            "formula": rules.formulas(SPACE, genomes),
            "n_terms": [len(t.split(" + ")) if t else 0 for t in texts],
            "selection_rank": range(len(texts)),
            **columns,
        }
    )
    return Pool(name, table, genomes, pd.DataFrame())


def pools(n):
    texts = ["X_pre", "X_post", "S_pre", "S_post"][:n]
    return {
        "evolved": pool("evolved", "evolved", texts),
        "known": pool(
            "known",
            ["no plasticity", "known", "known"],
            ["", "R", "R"],
            champion=[True, True, False],
        ),
        "random": pool("random", "random", ["X_pre", "R"], reevaluated=[False, True]),
    }


def test_rules_that_were_measured_again_are_compared():
    table, genomes = compared_rules(SPACE, pools(4), 3)
    assert table["group"].tolist() == ["evolved"] * 3 + [
        "known",
        "random",
        "no plasticity",
    ]
    assert rules.formulas(SPACE, genomes) == table["formula"].tolist()


def test_too_few_rules_are_a_sentence():
    with pytest.raises(
        UserError, match=r"at least 4 rules.*leave 3; raise degeneracy.rules"
    ):
        compared_rules(SPACE, pools(1), 1)
