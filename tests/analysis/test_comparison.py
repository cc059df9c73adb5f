import numpy as np
import pandas as pd
import pytest

from evoplast.analysis import comparison
from evoplast.artefacts.errors import UserError


def cells(group, n_rules, truth, instances=(100, 101, 102), seeds=(0, 1), rng_seed=0):
    rng = np.random.default_rng(rng_seed)
    # Difficulty is common to all groups: pairing must remove it.
    difficulty = {(i, s): 0.05 * (i - 100) + 0.02 * s for i in instances for s in seeds}
    rows = []
    for rule in range(n_rules):
        for split in ("selection", "seen", "unseen"):
            for (i, s), hard in difficulty.items():
                accuracy = truth(rule) + hard + 0.002 * rng.normal()
                rows.append((rule, f"{group} {rule}", group, split, i, s, accuracy))
    names = ["rule", "name", "group", "split", "instance", "seed_index"]
    table = pd.DataFrame(rows, columns=[*names, "cross_accuracy"]).assign(flag=0)
    selection = table[table["split"] == "selection"]
    best = selection.groupby("rule")["cross_accuracy"].mean().idxmax()
    return table.assign(champion=table["rule"] == best)


def both(left=0.6, right=0.55, **kwargs):
    evolved = cells("evolved", 3, lambda r: left + 0.01 * r, rng_seed=1, **kwargs)
    random = cells("random", 5, lambda r: right, rng_seed=2, **kwargs)
    return pd.concat([evolved, random])


def pick(table, **conditions):
    for name, value in conditions.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_pairing_removes_the_difficulty_of_networks():
    row = pick(comparison.compare(both(), 0), split="unseen", selection="set")
    assert row["difference_mean"] == pytest.approx(0.06, abs=0.003)
    assert row["difference_se"] < 0.2 * row["left_se"]
    assert row["n_instances"] == 3 and row["n_cells"] == 6


def test_champion_is_the_best_rule_and_the_set_takes_equal_numbers():
    table = comparison.compare(both(), 0)
    champion = pick(table, split="unseen", selection="champion")
    assert champion["left_mean"] - champion["right_mean"] == pytest.approx(
        0.07, abs=0.003
    )
    chosen = pick(table, split="unseen", selection="set")
    assert chosen["n_rules_left"] == chosen["n_rules_right"] == 3


def test_networks_are_the_units_of_the_test_so_three_of_them_cannot_be_significant():
    row = pick(comparison.compare(both(), 0), split="unseen", selection="set")
    assert row["p_value"] == pytest.approx(2 / 2**3)
    assert row["p_value_cells"] == pytest.approx(2 / 2**6)
    assert row["method"] == "exact sign flip over networks"


def test_with_one_network_sequences_are_the_units_and_the_row_says_so():
    table = comparison.compare(both(instances=(100,), seeds=range(5)), 0)
    row = pick(table, split="seen", selection="champion")
    assert row["method"] == "exact sign flip over sequences"
    assert row["n_pairs"] == 5


def test_sides_from_other_networks_are_refused():
    mixed = pd.concat(
        [
            cells("evolved", 1, lambda r: 0.6),
            cells("random", 1, lambda r: 0.5, instances=(100, 101)),
        ]
    )
    with pytest.raises(UserError, match="same config"):
        comparison.compare(mixed, 0)


def test_rules_that_were_only_selected_on_do_not_take_part():
    still = cells("no plasticity", 3, lambda r: 0.5 + 0.01 * r)
    still = still[still["champion"] | (still["split"] == "selection")]
    table = comparison.compare(pd.concat([both(), still]), 0)
    row = pick(
        table, left="evolved", right="no plasticity", split="seen", selection="set"
    )
    assert row["n_rules_right"] == 1
    assert row["right_mean"] == pytest.approx(0.52 + 0.06, abs=0.003)


def test_missing_groups_give_fewer_rows():
    assert set(comparison.compare(both(), 0)["right"]) == {"random"}


def test_a_run_ends_with_the_gain_over_each_group_and_its_error():
    table = comparison.compare(both(instances=tuple(range(100, 112))), 0)
    (line,) = comparison.result_lines(table)
    row = pick(
        table, left="evolved", right="random", split="unseen", selection="champion"
    )
    assert f"minus random: {row['difference_mean']:+.3f}" in line
    assert line.endswith(f"p {row['p_value']:.2g}, on 12 networks that chose nothing.")
    assert row["p_value"] < 0.001


def test_without_networks_left_out_the_sentence_says_so():
    table = comparison.compare(both(), 0)
    (line,) = comparison.result_lines(table[table["split"] == "seen"])
    assert line.endswith("on 3 networks that rules were chosen on.")
