"""At which level selection acted: all types alike, sender, receiver, pair; E/I, layer.

In: the fronts of searches with their prior, classes of types. Out: a table of tests,
one row per term (or time constant) and level. M types, R draws of the prior.

Two questions, two nulls. Did selection act at a level? Against the prior, whose spread
at the level is the null. Do excitation and inhibition, or layers, order what types got?
Against the same values with the names of the types exchanged.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evoplast import rules
from evoplast.analysis import holm
from evoplast.artefacts.seeds import numpy_rng
from evoplast.search import coefficients_of
from evoplast.structure.heterogeneity import (
    TIME_CONSTANTS,
    SearchEnd,
    known_mean,
    prior_means,
)

COMMON, TYPE, SENDER, RECEIVER = "all types", "type", "sender", "receiver"
PAIR, SILENT = "pair", "pair without synapses"
N_EXCHANGES = 1999


def level_sizes(
    values: np.ndarray, there: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Return the size (...,) of ``values`` (..., M), or of maps (..., M, M), by level.

    "all types": the mean, with its sign; "type", or "sender" and "receiver" (rows and
    columns): root mean square of what the mean of each adds. With ``there`` (M, M)
    bool the values are maps, and "pair" is what is left of pairs that have synapses,
    "pair without synapses" of the others, which nothing can have selected.
    """
    if there is None:
        common = values.mean(axis=-1, keepdims=True)
        return {COMMON: common[..., 0], TYPE: _size(values - common, (-1,))}
    common = values.mean(axis=(-2, -1), keepdims=True)
    sender = values.mean(axis=-1, keepdims=True) - common
    receiver = values.mean(axis=-2, keepdims=True) - common
    rest = values - common - sender - receiver
    parts = {PAIR: rest[..., there], SILENT: rest[..., ~there]}
    return {
        COMMON: common[..., 0, 0],
        SENDER: _size(sender, (-2, -1)),
        RECEIVER: _size(receiver, (-2, -1)),
        **{k: _size(v, (-1,)) for k, v in parts.items() if v.shape[-1]},
    }


def _size(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return np.sqrt((values**2).mean(axis=axes))


def explained(values: np.ndarray, classes: np.ndarray) -> float:
    """Return the share of variance of ``values`` (M,) or (M, M) between classes (M,).

    Of a map the classes are those of sender and receiver together.
    """
    labels = classes
    if values.ndim == 2:
        labels = (classes[:, None] * (classes.max() + 1) + classes).ravel()
    flat, total = values.ravel(), values.var()
    if total == 0:
        return 0.0
    count = np.bincount(labels)
    means = np.bincount(labels, flat) / np.maximum(count, 1)
    return float(np.average((means - flat.mean()) ** 2, weights=count) / total)


def structure_table(
    space: rules.RuleSpace,
    ends: Sequence[SearchEnd],
    classes: dict[str, np.ndarray],
    there: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Return one row per term (or time constant) and level or order of types.

    ``there`` (M_pre, M_post) bool: pairs of types that have synapses. ``classes``: by
    name ("excitatory or inhibitory", "layer"), the class (M,) int of every type.

    Columns: term, kind, n_searches, level, size (``level_sizes``, the mean without
    its sign; of an order the share of variance that it explains), expected (mean of the
    null), p_value (one-sided: as large or larger in the null), p_holm (over all
    terms of that level).
    """
    values, prior = np.stack([end.value for end in ends]), prior_means(ends)
    n, mean = np.isfinite(values).sum(axis=0), known_mean(values)
    rows = []
    for name, kind, place, shape in _blocks(space):
        if n[place].min() == 0:
            continue
        own, null = mean[place].reshape(shape), prior[:, place].reshape(-1, *shape)
        about = {"term": name, "kind": kind, "n_searches": int(n[place].max())}
        tests = _level_tests(own, null, there if kind == "pair" else None)
        tests += _order_tests(own, classes, seed, name)
        rows += [about | test for test in tests]
    table = pd.DataFrame(rows)
    for _, part in table.groupby("level"):
        table.loc[part.index, "p_holm"] = holm(part["p_value"].to_numpy())
    return table


def _blocks(space: rules.RuleSpace):
    m = space.n_types
    for i, term in enumerate(rules.TERMS):
        if term.kind != "reward":
            shape = (m, m) if term.kind == "pair" else (m,)
            yield term.name, term.kind, coefficients_of(space, i), shape
    for part, name in TIME_CONSTANTS.items():
        yield name, "", space.slices[part], (m,)


def _level_tests(
    own: np.ndarray, null: np.ndarray, there: np.ndarray | None
) -> list[dict]:
    centre = null.mean(axis=0)
    seen, expected = (level_sizes(v - centre, there) for v in (own, null))
    return [_tested(k, abs(float(seen[k])), np.abs(expected[k])) for k in seen]


def _order_tests(
    own: np.ndarray, classes: dict[str, np.ndarray], seed: int, term: str
) -> list[dict]:
    found = []
    for name, labels in classes.items():
        rng = numpy_rng(seed, "order of types", term, name)
        drawn = (rng.permutation(labels) for _ in range(N_EXCHANGES))
        null = np.array([explained(own, other) for other in drawn])
        found.append(_tested(name, explained(own, labels), null))
    return found


def _tested(level: str, size: float, null: np.ndarray) -> dict:
    as_large = (null >= size * (1 - 1e-9)).sum()
    p_value = (1 + as_large) / (1 + len(null))
    return {
        "level": level,
        "size": size,
        "expected": float(null.mean()),
        "p_value": float(p_value),
    }
