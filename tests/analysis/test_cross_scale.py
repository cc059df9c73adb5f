import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, FakeWorld, genomes_with, worlds

from evoplast.analysis.cross_scale import CrossScaleSettings, cross_scale
from evoplast.analysis.named_rules import NamedRules
from evoplast.artefacts.errors import UserError

SETTINGS = CrossScaleSettings.default(
    training_trials=10, test_trials=20, seeds=2, search_n_neurons=250
)


def truth(genome):
    return 0.6 if genome[:25].max() > 0.5 else 0.52


def run(by_size, evaluate, genomes=None):
    genomes = genomes_with(["S_pre"], ["R"]) if genomes is None else genomes
    n = len(genomes)
    names = [f"evolved {i}" for i in range(n)]
    named = NamedRules(SPACE, genomes, names, ["evolved"] * n)
    return cross_scale(by_size, named, SETTINGS, 1, evaluate=evaluate)


def test_one_row_per_rule_and_size_beside_no_plasticity():
    by_size = {150: worlds(0, 1), 250: worlds(2, 3)}
    table = run(by_size, FakeEvaluate())
    assert len(table) == 2 * 3
    assert table["group"].value_counts().to_dict() == {
        "evolved": 4,
        "no plasticity": 2,
    }
    assert table.loc[table["is_search_size"], "n_neurons"].unique().tolist() == [250]


def test_gain_is_paired_so_that_difficulty_of_networks_cancels():
    easy_and_hard = {0: FakeWorld(0, 0.0), 1: FakeWorld(1, 0.2)}
    table = run({250: easy_and_hard}, FakeEvaluate(truth, noise=0.0))
    rule = table.iloc[0]
    assert rule["gain_mean"] == pytest.approx(0.08)
    assert rule["gain_se"] == pytest.approx(0, abs=1e-12)
    assert rule["cross_accuracy_se"] == pytest.approx(0.1)
    assert table.loc[table["group"] == "no plasticity", "gain_mean"].item() == 0


def test_each_rule_is_compared_at_its_own_threshold():
    low, high = genomes_with(["S_pre"], phi=0.2), genomes_with(["S_pre"], phi=0.8)

    def by_threshold(genome):
        return 0.5 + 0.1 * genome[-1]

    genomes = np.concatenate([low, high])
    table = run({250: worlds(0)}, FakeEvaluate(by_threshold, noise=0.0), genomes)
    assert (table["group"] == "no plasticity").sum() == 2
    np.testing.assert_allclose(table["gain_mean"], 0, atol=1e-6)


def test_every_network_has_its_own_sequences():
    evaluate = FakeEvaluate()
    run({150: worlds(0), 250: worlds(0, 1)}, evaluate)
    seeds = [seed for _, seed, *_ in evaluate.calls]
    assert len(set(seeds)) == len(seeds) == 6


def test_a_gain_that_falls_with_size_has_its_slope_and_a_small_p():
    offsets = {150: 0.0, 300: 0.1, 600: 0.05}
    by_size = {
        size: {k: FakeWorld(size + k, offset) for k in range(4)}
        for size, offset in offsets.items()
    }

    class Falling(FakeEvaluate):
        def __call__(self, world, genomes, *rest, **named):
            doublings = np.log2((world.index // 10 * 10) / 150)
            self.truth = lambda g: 0.6 - 0.03 * doublings * (g[:25].max() > 0.5)
            return super().__call__(world, genomes, *rest, **named)

    table = run(by_size, Falling(noise=0.002), genomes_with(["S_pre"]))
    row = table.iloc[0]
    assert row["trend"] == pytest.approx(-0.03, abs=4 * row["trend_se"] + 1e-3)
    assert row["trend_p_holm"] < 0.01
    assert table.loc[table["group"] == "no plasticity", "trend"].isna().all()


def test_too_few_networks_have_no_trend():
    table = run({150: worlds(0), 250: worlds(1)}, FakeEvaluate())
    assert table["trend"].isna().all() and table["trend_p_holm"].isna().all()


def test_nothing_to_compare_is_refused():
    with pytest.raises(UserError, match="at least one rule"):
        run({250: {}}, FakeEvaluate())
