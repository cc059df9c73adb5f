"""Weights: strengths before and after by type pair, drift, limits, distribution.

In: what ``evaluation.record`` returned of one network, its world. Out: tables of that
network, and what they say over networks. M types, E edges. All strengths are
magnitudes in pA, without the recurrent gain.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from evoplast.analysis import NamedRules
from evoplast.evaluation import Trained, World
from evoplast.recordings.paired import against_none, with_fdr
from evoplast.simulator import LIMITS

CLASSES = ("E to E", "E to I", "I to E", "I to I")
BINS_LOG10_PA = np.linspace(-2.0, 4.0, 61)
"""Edges of the histogram, log10 of pA."""
SMALLEST_PA = 0.01
"""Synapses below it are left out of the shape: the tables of the network hold strengths
down to 1e-30 pA, which no neuron notices and which would rule every moment."""
CHANGED, WEAK = 0.1, 0.1
SHARES = ("changed_share", "weak_share", "bound_share", "capped_share", "active_share")


@dataclass(frozen=True)
class WeightTables:
    """Tables of one network; columns instance, rule, task, look (training trials).

    Attributes:
        pairs: by post and pre type: n_synapses, strength_pA (mean), relative (to look
            0); first and last look only.
        drift: ``SHARES`` and relative_change (sum of absolute changes over the initial
            sum) of all synapses at every look.
        shapes: by class of synapses, first and last look: moments of ln(strength) and
            ``bin_00`` ..., counts in ``BINS_LOG10_PA``.
    """

    pairs: pd.DataFrame
    drift: pd.DataFrame
    shapes: pd.DataFrame


def weight_tables(
    trained: Trained, world: World, named: NamedRules, instance: int
) -> WeightTables:
    """Return the tables of one network's recording."""
    ends = (0, len(trained.looks) - 1)
    pairs, drift, shapes = [], [], []
    places = product(enumerate(named.names), enumerate(world.task_names))
    for (p, rule), (k, task) in places:
        about = {"instance": instance, "rule": rule, "task": task}
        for j, look in enumerate(trained.looks):
            weights, row = trained.weights[j, p, k], about | {"look": int(look)}
            drift.append(row | _drift(weights, trained.limits[j, p, k], world))
            if j in ends:
                before = trained.weights[0, p, k]
                pairs.append(_pairs(weights, before, world).assign(**row))
                shapes += [row | shape for shape in _shapes(weights, world)]
    return WeightTables(
        pd.concat(pairs, ignore_index=True), pd.DataFrame(drift), pd.DataFrame(shapes)
    )


def _pairs(weights: np.ndarray, before: np.ndarray, world: World) -> pd.DataFrame:
    kind, names = world.network.cells.cell_type, world.cell_types.names
    edges, m = world.network.edges, len(names)
    pair = kind[edges.target] * m + kind[edges.source]
    n = np.bincount(pair, minlength=m * m)
    now, first = (np.bincount(pair, w, m * m) for w in (weights, before))
    there = n > 0
    post, pre = np.divmod(np.flatnonzero(there), m)
    return pd.DataFrame(
        {
            "post": np.array(names)[post],
            "pre": np.array(names)[pre],
            "n_synapses": n[there],
            "strength_pA": now[there] / n[there],
            "relative": now[there] / first[there],
        }
    )


def _drift(weights: np.ndarray, limits: np.ndarray, world: World) -> dict[str, float]:
    """Return shares of synapses, and of synapse steps in the trial after the look.

    ``active_share`` of the steps changed a synapse, ``capped_share`` of these changes
    were as large as plasticity.max_relative_change allows.
    """
    model = world.model
    index = np.asarray(model.edge_index)
    real = index >= 0
    initial, bound = np.empty((2, real.sum()))
    initial[index[real]] = np.asarray(model.w_init)[real]
    bound[index[real]] = np.asarray(model.w_max)[real]
    change = np.abs(weights - initial)
    free = initial < np.float32(bound)
    changed, capped, _ = limits[: len(LIMITS)]
    steps = world.settings.task.trial_ms * len(weights)
    return {
        "relative_change": float(change.sum() / initial.sum()),
        "changed_share": float((change > CHANGED * initial).mean()),
        "weak_share": float((weights < WEAK * initial).mean()),
        "bound_share": float(((weights >= bound) & free).mean()),
        "active_share": float(changed / steps),
        "capped_share": float(capped / changed) if changed else float("nan"),
    }


def _shapes(weights: np.ndarray, world: World) -> list[dict]:
    excitatory = world.cell_types.excitatory[world.network.cells.cell_type]
    edges = world.network.edges
    source, target = excitatory[edges.source], excitatory[edges.target]
    sides = ((True, True), (True, False), (False, True), (False, False))
    return [
        {"synapses": name} | shape_of(weights[(source == pre) & (target == post)])
        for name, (pre, post) in zip(CLASSES, sides, strict=True)
    ]


def shape_of(strength_pA: np.ndarray) -> dict[str, float]:
    """Return the moments of ln(strength) of strengths that count, and a histogram.

    Of a log-normal distribution log_skewness and log_kurtosis (excess) are 0.
    ``small_share``: synapses below ``SMALLEST_PA``.
    """
    counted = strength_pA[strength_pA >= SMALLEST_PA].astype(float)
    logs = np.log(counted)
    counts = np.histogram(np.log10(counted), BINS_LOG10_PA)[0]
    moments = (np.nan,) * 4
    if len(logs) > 1 and logs.std() > 0:
        moments = (logs.mean(), logs.std(), stats.skew(logs), stats.kurtosis(logs))
    names = ("log_mean", "log_sd", "log_skewness", "log_kurtosis")
    small = 1 - len(counted) / len(strength_pA) if len(strength_pA) else np.nan
    row = {"n_synapses": len(strength_pA), "small_share": small}
    row |= dict(zip(names, map(float, moments), strict=True))
    return row | {f"bin_{i:02d}": int(count) for i, count in enumerate(counts)}


def drift_table(drift: pd.DataFrame) -> pd.DataFrame:
    """Return mean and s.e. over networks of each rule at each look, tasks averaged."""
    values = ["relative_change", *SHARES]
    units = drift.groupby(["rule", "look", "instance"], sort=False)[values].mean()
    by_look = units.groupby(level=["rule", "look"], sort=False)
    table = by_look.mean().join(by_look.sem().add_suffix("_se"))
    return table.assign(n_networks=by_look.size()).reset_index()


def pair_table(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per rule, post and pre type: what learning did to its synapses.

    ``log_change`` is ln(mean strength after / before), mean of tasks and networks, with
    its s.e.; ``p_above`` says whether it differs from 0 (sign flips of networks),
    ``p_above_fdr`` by false discovery rate over all pairs of all rules but "none".
    ``strength_before_pA`` and ``strength_after_pA`` are means over networks.
    """
    keys, ends = ["rule", "post", "pre"], sorted(pairs["look"].unique())
    after = pairs[pairs["look"] == ends[-1]]
    after = after.assign(log_change=np.log(after["relative"].clip(lower=1e-12)))
    units = after.groupby([*keys, "instance"], sort=False)["log_change"].mean()
    tested = against_none(units.reset_index(), keys[1:], "log_change", seed)
    still = tested["rule"] == "none"
    tested.loc[still, "p_above"] = np.nan
    dropped = ["gain", "gain_se", "p_gain"]
    table = with_fdr(tested.drop(columns=dropped), "p_above")
    for name, look in zip(("before", "after"), ends[:: len(ends) - 1], strict=True):
        means = pairs[pairs["look"] == look].groupby(keys)["strength_pA"].mean()
        table = table.join(means.rename(f"strength_{name}_pA"), on=keys)
    return table


def shape_table(shapes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per rule, class of synapses and look: moments over networks.

    Mean and s.e. of each moment of ln(strength); ``bin_`` are shares of synapses.
    """
    keys = ["rule", "synapses", "look"]
    moments = [n for n in shapes if n.startswith("log_")] + ["small_share"]
    bins = [name for name in shapes if name.startswith("bin_")]
    share = shapes[bins].div(shapes[bins].sum(axis=1).clip(lower=1), axis=0)
    whole = pd.concat([shapes[[*keys, "instance", *moments]], share], axis=1)
    units = whole.groupby([*keys, "instance"], sort=False).mean()
    by_class = units.groupby(level=keys, sort=False)
    errors = by_class[moments].sem().add_suffix("_se")
    table = by_class.mean().join(errors).assign(n_networks=by_class.size())
    return table.reset_index()
