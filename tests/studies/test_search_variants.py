import numpy as np
import pandas as pd
import pytest
from fakes import SPACE, FakeEvaluate, worlds

from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
from evoplast.artefacts.errors import UserError
from evoplast.rules import decode
from evoplast.search import segments
from evoplast.search.segments import SearchSettings
from evoplast.studies import search_variants, variant_comparison
from evoplast.studies.search_variants import CONTROL, EVOLVED, VariantSettings

SEARCH = SearchSettings.default(
    accuracy_estimate="counted", population=6, control_rules=3
)
VARIANT = VariantSettings.default(
    generations=3, looks=(1, 3), rules=2, thresholds=(0.4, 0.6)
)
MEASURING = ReevaluationSettings.default(
    training_trials=10, test_trials=20, selection_seeds=1, report_seeds=1
)


def run(evaluate, monkeypatch, variant=VARIANT, search=SEARCH, search_seed=0):
    monkeypatch.setattr(segments, "evaluate", evaluate)
    return search_variants.run_variant(
        Measurement(worlds(0, 1), worlds(100), MEASURING, 1, evaluate=evaluate),
        SPACE,
        search,
        variant,
        search_seed,
    )


def tables(evaluate, monkeypatch, variants, seeds=(0,)):
    parts = []
    for name, (variant, search) in variants.items():
        for seed in seeds:
            found = run(evaluate, monkeypatch, variant, search, seed)
            about = {"variant": name, "search_seed": seed}
            parts.append([table.assign(**about) for table in found])
    joined = [pd.concat(tabs, ignore_index=True) for tabs in zip(*parts, strict=True)]
    joined[0] = joined[0].assign(n_neurons=60, n_networks_used=2)
    return joined


def shares_terms(genome):
    return 0.5 + 0.02 * decode(SPACE, genome[None]).gates.sum()


def test_each_look_measures_the_best_the_controls_and_no_plasticity(monkeypatch):
    rules, cells, history = run(FakeEvaluate(), monkeypatch)
    counts = rules.groupby(["generations", "group"]).size().unstack()
    assert counts[EVOLVED].tolist() == [2, 2] and counts[CONTROL].tolist() == [3, 3]
    assert counts["no plasticity"].tolist() == [2, 2]
    assert history["generation"].tolist() == [0, 1, 2]
    assert set(cells["split"]) == {"selection", "seen", "unseen"}
    per_look = cells.groupby(["generations", "rule"]).size()
    assert (per_look == 2 + 2 + 1).all()
    # 6, then 3 generations: 6 + 2 x 12, and 3 controls each.
    assert sorted(rules["evaluations"].unique()) == [9, 39]


def test_looking_does_not_disturb_the_search(monkeypatch):
    often, *_ = run(FakeEvaluate(), monkeypatch)
    once = VariantSettings.default(
        generations=3, looks=(3,), rules=2, thresholds=(0.4, 0.6)
    )
    single, *_ = run(FakeEvaluate(), monkeypatch, once)
    last = often[often["generations"] == 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, single)


def test_looks_that_end_before_the_search_are_refused(monkeypatch):
    with pytest.raises(UserError, match="end with its last generation"):
        run(
            FakeEvaluate(),
            monkeypatch,
            VariantSettings.default(generations=4, looks=(1, 2)),
        )


def test_without_noise_the_estimate_is_what_is_measured_again(monkeypatch):
    still = FakeEvaluate(shares_terms, noise=0.0)
    search = SearchSettings.default(
        accuracy_estimate="counted", population=6, control_rules=3, shrinkage=0.0
    )
    rules, cells, _ = tables(still, monkeypatch, {"reference": (VARIANT, search)})
    bias = variant_comparison.selection_bias(rules, cells)
    np.testing.assert_allclose(bias["bias"], 0.0, atol=1e-6)
    np.testing.assert_allclose(bias["bias_corrected"], 0.0, atol=1e-6)


def test_selection_on_noise_alone_is_biased_and_shrinkage_takes_most_of_it(monkeypatch):
    raw = SearchSettings.default(
        accuracy_estimate="counted", population=6, control_rules=3, shrinkage=0.0
    )
    strong = SearchSettings.default(
        accuracy_estimate="counted", population=6, control_rules=3, shrinkage=20.0
    )
    variants = {"no_shrinkage": (VARIANT, raw), "reference": (VARIANT, strong)}
    noise = FakeEvaluate(noise=0.05)
    rules, cells, _ = tables(noise, monkeypatch, variants, seeds=range(5))
    summary = variant_comparison.bias_summary(
        variant_comparison.selection_bias(rules, cells)
    )
    best = summary[summary["chosen"] == "best"].set_index("variant")
    assert best.loc["no_shrinkage", "bias_corrected_mean"] > 0.02
    assert (
        best.loc["reference", "bias_corrected_mean"]
        < 0.7 * best.loc["no_shrinkage", "bias_corrected_mean"]
    )
    assert (best["n_searches"] == 5).all()


def test_without_the_control_group_objectives_are_not_relative(monkeypatch):
    def easy_at_times(world, genomes, seed, *more, **options):
        result = FakeEvaluate(noise=0.0)(world, genomes, seed, *more, **options)
        result.objectives[:, 0] -= 0.1 * (seed % 2)
        return result

    plain = VariantSettings.default(
        generations=3, looks=(3,), rules=2, controlled=False
    )
    rules, *_ = run(easy_at_times, monkeypatch, plain)
    with_group, *_ = run(
        easy_at_times,
        monkeypatch,
        VariantSettings.default(generations=3, looks=(3,), rules=2),
    )
    evolved = with_group["group"] == EVOLVED
    spread = with_group.loc[evolved, "search_advantage"].abs()
    assert spread.max() < 1e-6
    assert rules.loc[evolved, "search_advantage"].abs().max() > 1e-3


def test_generalisation_pairs_rules_with_no_plasticity_on_each_network(monkeypatch):
    better = FakeEvaluate(shares_terms, noise=0.0)
    variants = {"reference": (VARIANT, SEARCH), "networks_1": (VARIANT, SEARCH)}
    rules, cells, _ = tables(better, monkeypatch, variants)
    table = variant_comparison.generalisation(rules, cells)
    assert len(table) == 2 * 2 * 2
    assert (table["still_mean"] == 0.5).all()
    gain = table["accuracy_mean"] - table["still_mean"]
    np.testing.assert_allclose(table["gain_mean"], gain)
    assert (table["gain_mean"] > 0.01).all()
    assert set(table["unit"]) == {"networks"}


def test_the_best_threshold_of_no_plasticity_is_chosen_on_selection(monkeypatch):
    low = FakeEvaluate(lambda g: 0.6 if abs(g[-1] - 0.4) < 1e-6 else 0.5, noise=0.0)
    rules, cells, _ = tables(low, monkeypatch, {"reference": (VARIANT, SEARCH)})
    best = variant_comparison.best_threshold(cells)
    phi = rules.set_index(["generations", "rule"])["phi"]
    keys = list(zip(best["generations"], best["rule"], strict=True))
    np.testing.assert_allclose(phi.loc[keys], 0.4)


def test_initialisation_says_where_diversity_began_and_ended(monkeypatch):
    dense = SearchSettings.default(
        accuracy_estimate="counted",
        population=6,
        control_rules=3,
        initial_gate_probability=0.5,
    )
    variants = {"reference": (VARIANT, SEARCH), "gates_0.5": (VARIANT, dense)}
    rules, cells, history = tables(FakeEvaluate(), monkeypatch, variants, (0, 1))
    table = variant_comparison.initialisation(rules, cells, history).set_index(
        "variant"
    )
    assert (
        table.loc["gates_0.5", "gate_distance_first"]
        > table.loc["reference", "gate_distance_first"]
    )
    assert (table["n_searches"] == 2).all()
    assert table[["unseen_gain_mean", "unseen_gain_se"]].notna().all().all()
