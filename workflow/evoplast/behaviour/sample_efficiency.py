"""How many trials gradients need for what the evolved rule reaches in a few.

In: training curves on networks never used, cells of the representative rules on the
same networks, published ratios. Out: a table with one row per optimiser and task, and
one of the biology of what each ends with. Networks are the unit.
"""

import numpy as np
import pandas as pd

from evoplast.analysis import sign_flip_test, standard_error
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed, numpy_rng

EVOLVED, NONE = "best", "none"
BIOLOGY = (
    *("mean_rate_hz", "max_rate_hz", "synchrony"),
    *("rate_difference_hz", "wasserstein_hz"),
)
N_RESAMPLES = 2000
LEVELS = (2.5, 97.5)


def sample_efficiency(
    curves: pd.DataFrame,
    cells: pd.DataFrame,
    training_trials: int,
    published: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Return how many samples each optimiser needs for the evolved rule's accuracy.

    Of the learning rates the one with the best mean validation accuracy in the second
    half of the tests is reported. Columns: optimiser, task, learning_rate,
    n_learning_rates, evolved (accuracy of the rule on the same networks), evolved_se,
    samples (first test, straight lines between tests, at which the mean over networks
    has the rule's accuracy; infinite if never: chance crossings count in favour of
    gradients), low, high (95 % bootstrap over networks), share_not_reached,
    rule_trials, ratio, ratio_low, ratio_high, paper_ratio (of Adam), largest_samples,
    final (accuracy at the last test), final_se, difference (final minus evolved, paired
    by network), difference_se, p_value, flat, diverged (learning rates that did so) and
    n_networks. ``flat``: the last third of the tests is no better than the third before
    by more than a standard error over networks.

    Raises:
        UserError: the rule was not measured on a network that was trained.
    """
    rows = []
    for (optimiser, task), part in curves.groupby(["optimiser", "task"], sort=True):
        rate = best_rate(part)
        own = _by_network(part[part["learning_rate"] == rate])
        target = _evolved(cells, task, own.index)
        row = {"optimiser": optimiser, "task": task, "learning_rate": rate}
        row["n_learning_rates"] = part["learning_rate"].nunique()
        row |= _reached(own, target, seed) | _final(own, target, seed)
        row["rule_trials"] = training_trials
        row |= {
            f"ratio{end}": row[name] / training_trials
            for end, name in (("", "samples"), ("_low", "low"), ("_high", "high"))
        }
        row["paper_ratio"] = _paper_ratio(published, optimiser, task)
        by_rate = part.groupby("learning_rate")["diverged"].any()
        rows.append(row | {"diverged": int(by_rate.sum())})
    return pd.DataFrame(rows)


def best_rate(part: pd.DataFrame) -> float:
    """Return the learning rate that is best on validation; runs that diverge are 0."""
    late = part[part["samples_seen"] >= 0.5 * part["samples_seen"].max()]
    valid = late.assign(v=late["validation_accuracy"].fillna(0.0))
    sound = ~part.groupby("learning_rate")["diverged"].any()
    score = valid.groupby("learning_rate")["v"].mean() * sound
    return float(score.idxmax())


def _by_network(runs: pd.DataFrame) -> pd.DataFrame:
    """Return test accuracy (networks, tests), runs of a network averaged."""
    return runs.pivot_table("accuracy", "instance", "samples_seen", "mean")


def _evolved(cells: pd.DataFrame, task: str, instances: pd.Index) -> np.ndarray:
    own = cells[cells["labels"].str.split(", ").map(lambda names: EVOLVED in names)]
    found = own.groupby("instance")[f"accuracy_{task}"].mean()
    missing = [k for k in instances if k not in found.index]
    if missing:
        raise UserError(
            f"The evolved rule was not measured on network {missing[0]} that gradients "
            "trained; make representative_rules again."
        )
    return found.loc[instances].to_numpy()


def _reached(curves: pd.DataFrame, target: np.ndarray, seed: int) -> dict:
    samples, values = curves.columns.to_numpy(float), curves.to_numpy(float)
    rng = numpy_rng(seed, "sample efficiency", "bootstrap")
    chosen = rng.integers(0, len(values), (N_RESAMPLES, len(values)))
    drawn = np.array(
        [first_reaching(samples, values[k].mean(0), target[k].mean()) for k in chosen]
    )
    low, high = np.percentile(drawn, LEVELS, method="inverted_cdf")
    return {
        "evolved": float(target.mean()),
        "evolved_se": standard_error(target),
        "samples": first_reaching(samples, values.mean(axis=0), target.mean()),
        "low": float(low),
        "high": float(high),
        "share_not_reached": float(np.isinf(drawn).mean()),
        "largest_samples": float(samples[-1]),
        "n_networks": len(values),
    }


def first_reaching(samples: np.ndarray, curve: np.ndarray, target: float) -> float:
    """Return where ``curve`` (S,) first has ``target``; infinite if it never has."""
    above = np.flatnonzero(curve >= target - 1e-12)
    if not len(above):
        return float("inf")
    after = int(above[0])
    if after == 0:
        return float(samples[0])
    share = (target - curve[after - 1]) / (curve[after] - curve[after - 1])
    return float(samples[after - 1] + share * (samples[after] - samples[after - 1]))


def _final(curves: pd.DataFrame, target: np.ndarray, seed: int) -> dict:
    values = curves.to_numpy(float)
    test = sign_flip_test(values[:, -1], target, named_seed(seed, "sample efficiency"))
    third = max(values.shape[1] // 3, 1)
    last, before = values[:, -third:], values[:, -2 * third : -third]
    rise = last.mean(axis=1) - before.mean(axis=1)
    error = np.nan_to_num(standard_error(rise))
    return {
        "final": float(values[:, -1].mean()),
        "final_se": standard_error(values[:, -1]),
        "difference": test.difference,
        "difference_se": test.standard_error,
        "p_value": test.p_value,
        "flat": bool(rise.mean() <= error),
    }


def _paper_ratio(published: pd.DataFrame, optimiser: str, task: str) -> float:
    same = published["quantity"] == f"sample_ratio_{task}"
    same &= published["name"].str.lower() == optimiser
    return float(published.loc[same, "value"].iloc[0]) if same.any() else float("nan")


def trained_biology(
    curves: pd.DataFrame, table: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Return what networks do to the mouse's rates after training, by who trained.

    One row per side (each optimiser at its reported learning rate after training, the
    evolved rule, no plasticity), task and quantity of ``BIOLOGY``:
    mean and se over networks. A rule's numbers are means over both tasks.
    """
    parts = []
    for row in table.itertuples():
        own = curves[(curves["optimiser"] == row.optimiser)]
        own = own[
            (own["task"] == row.task) & (own["learning_rate"] == row.learning_rate)
        ]
        last = own[own["samples_seen"] == own["samples_seen"].max()]
        parts.append(last.assign(side=row.optimiser))
    trained = sorted(set(curves["instance"]))
    for label in (EVOLVED, NONE):
        has = cells["labels"].str.split(", ").map(lambda names, a=label: a in names)
        own = cells[has & cells["instance"].isin(trained)]
        parts.append(own.assign(side=label, task="both"))
    long = pd.concat(parts).melt(
        ["side", "task", "instance"], list(BIOLOGY), "quantity", "value"
    )
    networks = long.groupby(["side", "task", "quantity", "instance"])["value"].mean()
    groups = networks.groupby(["side", "task", "quantity"])
    found = groups.agg(mean="mean", se="sem", n_networks="size")
    return found.reset_index()
