import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis.long_horizon import LongHorizonSettings, long_horizon, stages
from evoplast.analysis.named_rules import NamedRules
from evoplast.artefacts.errors import UserError

SETTINGS = LongHorizonSettings.default(
    search_training_trials=100,
    training_trials=100,
    stage_trials=40,
    test_trials=20,
    seeds=2,
)


def stages_of(evaluate, gain_per_trial=0.001):
    def evaluate_stages(world, genomes, sequence_seed, stages, n_scored, split):
        results = [
            evaluate(world, genomes, sequence_seed, n, n_scored, split) for n in stages
        ]
        for trials, result in zip(stages, results, strict=True):
            result.accuracy += gain_per_trial * trials
        return results

    return evaluate_stages


def run(worlds_used, evaluate, settings=SETTINGS):
    genomes = genomes_with(["S_pre"], ["X_post"])
    return long_horizon(
        worlds_used,
        NamedRules(SPACE, genomes, ["a", "b"], ["evolved", "evolved"]),
        settings,
        seed=1,
        evaluate_stages=stages_of(evaluate),
    )


def test_stages_start_untrained_and_end_at_the_total():
    assert stages(SETTINGS) == (0, 40, 80, 100)
    assert stages(
        LongHorizonSettings.default(
            search_training_trials=100, training_trials=80, stage_trials=40
        )
    ) == (0, 40, 80)


def test_dataset_holds_every_cell_with_named_dimensions():
    data = run(worlds(100, 101), FakeEvaluate())
    assert dict(data["accuracy"].sizes) == {
        "rule": 2,
        "instance": 2,
        "seed": 2,
        "stage": 4,
        "task": 2,
    }
    assert data["training_trials"].values.tolist() == [0, 40, 80, 100]
    assert data["formula"].values.tolist() == ["Δw = S_pre", "Δw = X_post"]
    assert np.isfinite(data["cross_accuracy"]).all()


def test_accuracy_through_training_is_recovered_in_order():
    data = run(worlds(100), FakeEvaluate(noise=0.0))
    curve = data["cross_accuracy_mean"].isel(rule=0).values
    np.testing.assert_allclose(curve, 0.5 + 0.001 * np.array([0, 40, 80, 100]))


def test_errors_are_over_networks():
    used = {**worlds(100), **worlds(101, offset=0.2)}
    data = run(used, FakeEvaluate(noise=0.0))
    np.testing.assert_allclose(data["cross_accuracy_se"], 0.1)


@pytest.mark.parametrize("step", [0, 101])
def test_impossible_stages_are_refused(step):
    with pytest.raises(UserError, match=f"stage_trials is {step}"):
        stages(
            LongHorizonSettings.default(
                search_training_trials=100, training_trials=100, stage_trials=step
            )
        )


def test_no_network_is_refused():
    with pytest.raises(UserError, match="at least one of each"):
        run({}, FakeEvaluate())
