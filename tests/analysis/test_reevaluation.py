import numpy as np
import pytest
from fakes import SPACE, FakeEvaluate, genomes_with, worlds

from evoplast.analysis import reevaluation
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
from evoplast.artefacts.errors import UserError

SETTINGS = ReevaluationSettings.default(
    training_trials=10,
    test_trials=20,
    selection_seeds=2,
    report_seeds=3,
    seen_instances=2,
)


def score(genomes, evaluate, settings=SETTINGS, seed=1, unseen=(100, 101)):
    return score_on(worlds(0, 1, 2), worlds(*unseen), genomes, evaluate, settings, seed)


def score_on(seen, unseen, genomes, evaluate, settings=SETTINGS, seed=1):
    cells = reevaluation.plan_cells(seen, unseen, settings, seed)
    n = len(genomes)
    named = NamedRules(
        SPACE, genomes, [f"evolved {i}" for i in range(n)], ["evolved"] * n
    )
    measurement = Measurement(seen, unseen, settings, seed, evaluate=evaluate)
    return reevaluation.score_rules(cells, named, measurement)


def test_every_rule_meets_the_same_networks_and_sequences_in_each_split():
    _, cells = score(genomes_with(["S_pre"], ["X_post"]), FakeEvaluate())
    counts = cells.groupby(["rule", "split"]).size().unstack()
    assert (counts["selection"] == 4).all()  # two seen networks x two seeds
    assert (counts["seen"] == 6).all() and (counts["unseen"] == 6).all()
    assert set(cells.loc[cells["split"] == "unseen", "instance"]) == {100, 101}


def test_selection_uses_training_images_and_shares_no_sequence_with_the_report():
    evaluate = FakeEvaluate()
    score(genomes_with(["S_pre"]), evaluate)
    selected = {seed for _, seed, images, _ in evaluate.calls if images == "training"}
    reported = {seed for _, seed, images, _ in evaluate.calls if images == "test"}
    assert len(selected) == 4 and len(reported) == 12
    assert not selected & reported


def test_no_two_networks_share_a_sequence():
    evaluate = FakeEvaluate()
    score(genomes_with(["S_pre"]), evaluate)
    seeds = [(network, seed) for network, seed, _, _ in evaluate.calls]
    # Two seeds of selection and three of the report on two, three on two others.
    assert len(set(seeds)) == len({seed for _, seed in seeds}) == 16


def test_sequences_depend_on_the_root_seed_only():
    first, second, other = FakeEvaluate(), FakeEvaluate(), FakeEvaluate()
    score(genomes_with(["S_pre"]), first)
    score(genomes_with(["X_post"], ["R"]), second)
    score(genomes_with(["S_pre"]), other, seed=2)
    seeds = [{call[1] for call in e.calls} for e in (first, second, other)]
    assert seeds[0] == seeds[1]
    assert not seeds[0] & seeds[2]


def test_the_champion_of_pure_noise_is_reported_at_chance():
    """Choosing inflates the numbers chosen on and leaves the reported ones alone."""
    genomes = genomes_with(*[["S_pre"]] * 20)
    chosen, reported = [], []
    for seed in range(15):
        table, _ = score(genomes, FakeEvaluate(noise=0.05), seed=seed)
        champion = table[table["champion"]].iloc[0]
        chosen.append(champion["cross_accuracy_selection_mean"])
        reported.append(champion["cross_accuracy_unseen_mean"])
    error = np.std(reported, ddof=1) / np.sqrt(15)
    assert abs(np.mean(reported) - 0.5) < 3 * error
    assert np.mean(chosen) > 0.52


def test_a_truly_better_rule_is_chosen_and_keeps_its_accuracy():
    def truth(genome):
        return 0.7 if genome[0] > 0.5 else 0.5

    genomes = genomes_with(["X_post"], ["S_pre"], ["R"])
    table, _ = score(genomes, FakeEvaluate(truth, noise=0.02))
    champion = table[table["champion"]].iloc[0]
    assert champion["formula"] == "Δw = S_pre"
    assert champion["cross_accuracy_unseen_mean"] == pytest.approx(0.7, abs=0.03)


def test_a_tie_goes_to_the_simpler_rule_and_then_to_the_first():
    genomes = genomes_with(["S_pre", "R"], ["X_post"], ["X_pre"])
    table, _ = score(genomes, FakeEvaluate(noise=0.0))
    assert table["selection_rank"].tolist() == [3, 1, 2]
    assert table["champion"].sum() == 1


def test_a_rule_flagged_on_selection_is_never_the_champion_of_intact_ones():
    def truth(genome):
        return 0.9 if genome[0] > 0.5 else 0.5

    genomes = genomes_with(["S_pre"], ["X_post"])
    table, cells = score(genomes, FakeEvaluate(truth, noise=0.0, broken=(0,)))
    assert table["selection_rank"].tolist() == [2, 1]
    assert table["flag"].tolist() == [2, 0]
    # Its accuracy is what was measured, not the worst value of the search.
    assert (cells.loc[cells["rule"] == 0, "cross_accuracy"] == 0.9).all()


def test_errors_of_reported_means_are_over_networks():
    evaluate = FakeEvaluate(noise=0.0)
    unseen = {**worlds(100, offset=0.0), **worlds(101, offset=0.1)}
    table, _ = score_on(worlds(0), unseen, genomes_with(["S_pre"]), evaluate)
    row = table.iloc[0]
    assert row["cross_accuracy_mean"] == pytest.approx(0.55)
    assert row["cross_accuracy_se"] == pytest.approx(0.05)
    assert row["n_instances_unseen"] == 2 and row["n_trials_unseen"] == 6 * 20


def test_without_unseen_networks_objectives_come_from_seen_ones_and_say_so():
    table, _ = score(genomes_with(["S_pre"]), FakeEvaluate(), unseen=())
    row = table.iloc[0]
    assert row["reported_split"] == "seen"
    assert row["cross_accuracy_mean"] == row["cross_accuracy_seen_mean"]
    assert np.isnan(row["cross_accuracy_unseen_mean"])


def test_accuracy_is_reported_in_natural_units():
    table, cells = score(genomes_with(["S_pre", "R"]), FakeEvaluate(noise=0.0))
    assert (cells["cross_accuracy"] == 0.5).all()
    assert table["complexity"].item() == pytest.approx(2 / 25)
    assert table["accuracy_natural_seen_mean"].item() == pytest.approx(0.5)


@pytest.mark.parametrize("key", ["selection_seeds", "report_seeds", "seen_instances"])
def test_an_empty_plan_is_refused_with_the_key(key):
    settings = ReevaluationSettings.default(**{key: 0})
    with pytest.raises(UserError, match=key):
        reevaluation.plan_cells(worlds(0), worlds(100), settings, 1)


def test_no_rule_is_refused():
    with pytest.raises(UserError, match="no rule"):
        score(genomes_with(["S_pre"])[:0], FakeEvaluate())
