"""Tables of evolved units: grouping of files, tests, verdicts, acceptance."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evoplast.enu.acceptance import DEMANDS, KNOWN, acceptance
from evoplast.enu.evolution import (
    EvolutionSettings,
    evolve,
    initial_evolution,
    write_segment,
)
from evoplast.enu.experiments import make_experiment
from evoplast.enu.tables import (
    compare,
    curves,
    holm,
    runs_of,
    score_runs,
    smallest_p_value,
)
from evoplast.enu.tasks import UNIT_TASKS


def table(values, study="comparison", experiment="stdp"):
    rows = [
        {"study": study, "experiment": experiment, "cell": cell, "seed": seed}
        | {"heldout_fitness": fitness, "generations": 1000}
        for cell, fitnesses in values.items()
        for seed, fitness in enumerate(fitnesses)
    ]
    return pd.DataFrame(rows)


def test_segments_are_grouped_by_run_and_ordered():
    folder = Path("results/demo/enu/comparison/iaf/gru/seed12")
    runs = runs_of([folder / "segment_001.nc", folder / "segment_000.nc"])
    assert [p.name for p in runs[0].segments] == ["segment_000.nc", "segment_001.nc"]
    expected = {"study": "comparison", "experiment": "iaf", "cell": "gru", "seed": 12}
    assert runs[0].name == expected


def test_comparison_is_the_corrected_mann_whitney_test():
    rng = np.random.default_rng(0)
    ours, gru, nfenu = rng.normal([0.0, -3.0, 0.1], 1.0, (8, 3)).T
    rows = compare(table({"enu": ours, "gru": gru, "nfenu": nfenu})).set_index("cell")
    raw = [stats.mannwhitneyu(ours, other).pvalue for other in (gru, nfenu)]
    assert rows.loc["gru", "p_value"] == pytest.approx(2 * min(raw))
    assert rows.loc["gru", "verdict"] == "ENU better"
    assert rows.loc["nfenu", "verdict"] == "ENU NOT distinguishable"
    assert rows.loc["enu", "standard_deviation"] == pytest.approx(ours.std(ddof=1))


def test_a_worse_enu_and_a_single_run_are_called_so():
    worse = compare(table({"enu": np.arange(8.0), "gru": np.arange(8.0) + 20}))
    assert "ENU NOT better: worse" in set(worse["verdict"])
    single = compare(table({"enu": [0.0], "lstm": [1.0]})).set_index("cell")
    assert single.loc["lstm", "verdict"] == "ENU NOT ahead, too few runs for a test"
    assert np.isnan(single.loc["lstm", "p_value"])


def test_three_runs_a_cell_are_called_too_few_for_a_test():
    cells = {"enu": [3.0, 4.0, 5.0], "gru": [0.0, 1.0, 2.0], "lstm": [6.0, 7.0, 8.0]}
    rows = compare(table(cells)).set_index("cell")
    assert rows.loc["gru", "verdict"] == "ENU ahead, too few runs for a test"
    assert rows.loc["lstm", "verdict"] == "ENU NOT ahead, too few runs for a test"
    assert rows.loc["gru", "p_value"] == pytest.approx(0.2)


@pytest.mark.parametrize(("runs", "least"), [(3, 0.1), (5, 2 / 252)])
def test_the_least_possible_p_value_is_that_of_separated_runs(runs, least):
    separated = stats.mannwhitneyu(np.arange(runs), np.arange(runs) + 50).pvalue
    assert smallest_p_value(runs, runs, 1) == pytest.approx(least)
    assert smallest_p_value(runs, runs, 1) == pytest.approx(separated)


def test_holm_steps_down_and_leaves_missing_values():
    corrected = holm([0.04, np.nan, 0.01, 0.03])
    np.testing.assert_allclose(corrected, [0.06, np.nan, 0.03, 0.06])


def references(shift=0.0):
    rows = [
        {"experiment": k.experiment, "reference": k.reference}
        | {k.column: k.expected + shift * k.tolerance}
        for k in KNOWN
    ]
    return pd.DataFrame(rows).groupby(["experiment", "reference"]).first().reset_index()


def spike_pairs():
    """Return pre and post steps and probability of every pair of spike times."""
    edges = stats.norm.cdf(np.arange(101), 50, 7)
    edges[[0, -1]] = 0, 1
    chance = np.diff(edges)
    pre, post = np.meshgrid(np.arange(100), np.arange(100), indexing="ij")
    return pre, np.where(pre == post, post + 1, post), np.outer(chance, chance)


def expected_loss(window, ignores_spikes):
    """Return the mean loss of a silent or of a copying unit, summed over all pairs."""
    pre, post, chance = spike_pairs()
    changed = np.clip(100 - (np.maximum(pre, post) + 2), 0, 100) / 100
    losses = []
    for modulator in (0.0, 1.0):
        change = np.asarray(window(1.0 * (post - pre), modulator))
        after = change if ignores_spikes else 1 + change
        before = 0.0 if ignores_spikes else 1.0
        losses.append(changed * after**2 + (1 - changed) * before)
    mean_squared_potential = 0.25 + 0.1**2 / 12
    return mean_squared_potential * np.sum(chance * np.mean(losses, axis=0))


@pytest.mark.parametrize(
    ("experiment", "reference", "ignores_spikes"),
    [
        ("stdp", "silent", False),
        ("stdp", "copying", True),
        ("complex_stdp", "copying", True),
    ],
)
def test_known_scores_of_stdp_are_exact_expectations(
    experiment, reference, ignores_spikes
):
    known = [k for k in KNOWN if (k.experiment, k.reference) == (experiment, reference)]
    loss = expected_loss(UNIT_TASKS[experiment].window, ignores_spikes)
    assert known[0].expected == pytest.approx(-loss, abs=1e-5)


@pytest.mark.parametrize(("shift", "result"), [(0.9, "met"), (-1.1, "MISSED")])
def test_acceptance_of_references_keeps_the_tolerance(shift, result):
    rows = acceptance(table({"enu": [0.0]}), references(shift))
    known = rows[rows["study"] == "references"]
    assert len(known) == len(KNOWN) and set(known["result"]) == {result}


def test_acceptance_takes_the_median_of_runs_that_are_long_enough():
    scores = table({"enu": [-0.001, -0.002, -0.5]}).assign(window_r2=[0.9, 0.8, 0.1])
    checked = acceptance(scores, references()).set_index(
        ["study", "experiment", "cell", "column"]
    )
    row = checked.loc[("comparison", "stdp", "enu", "heldout_fitness")]
    assert row["measured"] == -0.002 and row["result"] == "met" and row["runs"] == 3
    short = acceptance(scores.assign(generations=999), references())
    assert short["result"].tolist()[-len(DEMANDS) :] == ["not run"] * len(DEMANDS)
    bad = acceptance(scores.assign(window_r2=0.1), references()).set_index(
        ["cell", "column"]
    )
    assert "MISSED" in set(bad.loc[("enu", "window_r2"), "result"])


def test_curves_and_scores_come_from_the_segment_files(tmp_path):
    experiment = make_experiment("iaf", "enu")
    settings = EvolutionSettings.default(
        population=4,
        environments=2,
        heldout_every=2,
        heldout_environments=4,
    )
    state = initial_evolution(experiment, 0)
    state, history = evolve(experiment, settings, 0, state, 3)
    folder = tmp_path / "showcase/iaf/enu/seed0"
    write_segment(folder / "segment_000.nc", state, history, {})
    runs = runs_of(list(folder.iterdir()))
    rows = curves(runs)
    assert rows["generation"].tolist() == [0, 1, 2, 3]
    assert rows["heldout_fitness"].notna().tolist() == [True, False, True, True]
    score = score_runs(runs, seed=0).iloc[0]
    assert score["generations"] == 3
    last = float(history["heldout_fitness"][-1])
    assert score["heldout_fitness"] == pytest.approx(last)
    assert {"rate_ratio", "count_correlation"} <= set(score.index)
    assert jnp.isfinite(state.centre).all()
