"""What would the evolved synapse's rule be as a formula of the 25 terms?

In: pre- and postsynaptic spikes, the neuromodulator as reward, and the weight change
that an evolved unit made, one value per sequence. Out: the least-squares projection
on the 25 terms of a plasticity rule, the share of variance it explains on sequences
that were left out, and a short formula found by forward selection.

A rule with constant coefficients changes a weight in total by the sum over time of
its terms. So a sequence's features are the sums of the 25 terms, and its change is
linear in the coefficients. Traces follow the simulator: X is read before the spike
of the step is added, X <- X - X / tau + S.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from evoplast.rules import TERM_HAS_SPIKE, TERM_NAMES, TERMS

TRACE_TIMES = (2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 30.0, 50.0)
N_FOLDS = 5
SMALLEST_GAIN = 0.01
EQUAL_SHARE = 0.005


@dataclass(frozen=True)
class Projection:
    """The projection on all 25 terms and the short formula.

    coefficients (25,) in percent change per unit of the term; ``selected`` indexes
    the terms of the formula, with their own coefficients.
    """

    trace_time_steps: float
    coefficients: np.ndarray
    explained: float
    explained_crossvalidated: float
    selected: tuple[int, ...]
    selected_coefficients: np.ndarray
    selected_crossvalidated: tuple[float, ...]

    @property
    def formula(self) -> str:
        """The short formula, e.g. ``Δw = +48 S_post·X_pre·R``, in percent."""
        parts = [
            f"{value:+.3g} {TERM_NAMES[index]}"
            for index, value in zip(
                self.selected, self.selected_coefficients, strict=True
            )
        ]
        return "Δw = " + (" ".join(parts) or "0")


def traces(spikes: np.ndarray, tau: float) -> np.ndarray:
    """Return traces (T, E) of spikes (T, E), before the spike of the step."""
    values = np.zeros_like(spikes, dtype=float)
    for t in range(1, len(spikes)):
        values[t] = values[t - 1] * (1 - 1 / tau) + spikes[t - 1]
    return values


def summed_terms(
    pre: np.ndarray, post: np.ndarray, reward: np.ndarray, tau: float
) -> np.ndarray:
    """Return the sums over time (E, 25) of the terms.

    Args:
        pre: presynaptic spikes (T, E), 0 or 1.
        post: postsynaptic spikes (T, E).
        reward: neuromodulator (T, E).
        tau: time constant of both traces, steps.
    """
    signals = {"S_pre": pre, "S_post": post, "R": reward}
    signals |= {"X_pre": traces(pre, tau), "X_post": traces(post, tau)}
    products = [
        np.prod([signals[factor] for factor in term.factors], axis=0) for term in TERMS
    ]
    return np.stack([product.sum(axis=0) for product in products], axis=1)


def _fit(features: np.ndarray, change: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(features, change, rcond=1e-8)[0]


def _explained(predicted: np.ndarray, change: np.ndarray) -> float:
    residual = np.sum((change - predicted) ** 2)
    return float(1 - residual / np.sum((change - change.mean()) ** 2))


def crossvalidated(features: np.ndarray, change: np.ndarray) -> float:
    """Return the share of variance explained on left-out fifths of sequences."""
    fold = np.arange(len(change)) % N_FOLDS
    predicted = np.empty(len(change))
    for k in range(N_FOLDS):
        left_out = fold == k
        weights = _fit(features[~left_out], change[~left_out])
        predicted[left_out] = features[left_out] @ weights
    return _explained(predicted, change)


def _forward_selection(
    features: np.ndarray, change: np.ndarray
) -> tuple[list[int], list[float]]:
    """Add the term that explains most until it adds less than one percent.

    Of terms that explain equally much one that acts at spikes is taken: the sum of
    X_pre·X_post over a pair is proportional to that of a spike term with a trace.
    """
    chosen: list[int] = []
    shares: list[float] = []
    while len(chosen) < features.shape[1]:
        rest = [k for k in range(features.shape[1]) if k not in chosen]
        gains = [crossvalidated(features[:, [*chosen, k]], change) for k in rest]
        best = _best(gains, TERM_HAS_SPIKE[rest])
        if gains[best] < (shares[-1] if shares else 0.0) + SMALLEST_GAIN:
            break
        chosen.append(rest[best])
        shares.append(gains[best])
    return chosen, shares


def _best(gains: list[float], preferred: np.ndarray) -> int:
    equal = np.array(gains) >= max(gains) - EQUAL_SHARE
    pool = equal & preferred if np.any(equal & preferred) else equal
    return int(np.argmax(np.where(pool, gains, -np.inf)))


def project(
    pre: np.ndarray, post: np.ndarray, reward: np.ndarray, change: np.ndarray
) -> Projection:
    """Project weight changes on the 25 terms.

    Args:
        pre: presynaptic spikes (T, E), 0 or 1.
        post: postsynaptic spikes (T, E).
        reward: neuromodulator (T, E).
        change: total relative change (E,), percent; NaN: sequence left out.

    The time constant of the traces is the one of ``TRACE_TIMES`` that explains most
    of the left-out changes.
    """
    valid = np.isfinite(change)
    signals = (pre[:, valid], post[:, valid], reward[:, valid])
    change = change[valid]
    tried = {tau: summed_terms(*signals, tau) for tau in TRACE_TIMES}
    shares = {tau: crossvalidated(f, change) for tau, f in tried.items()}
    tau = max(shares, key=lambda tau: shares[tau])
    features = tried[tau]
    coefficients = _fit(features, change)
    selected, selected_shares = _forward_selection(features, change)
    return Projection(
        tau,
        coefficients,
        _explained(features @ coefficients, change),
        shares[tau],
        tuple(selected),
        _fit(features[:, selected], change) if selected else np.zeros(0),
        tuple(selected_shares),
    )


def project_recording(recording: xr.Dataset) -> xr.Dataset:
    """Project the last stage of a recorded synapse, and the target it was bred for.

    Args:
        recording: ``input`` (time, sequence, channel) with the channels potential,
            presynaptic spike, postsynaptic spike and neuromodulator;
            ``change_percent`` (stage, sequence); ``target_change_percent``
            (sequence).

    Returns:
        Coefficients and names of terms for ``evolved`` and ``target``, shares of
        variance, measured and projected changes, and the formulas as attributes.
    """
    signals = recording["input"].values[..., 1:]
    pre, post, reward = np.moveaxis(signals, -1, 0)
    changes = {
        "evolved": recording["change_percent"].values[-1],
        "target": recording["target_change_percent"].values,
    }
    found = {name: project(pre, post, reward, c) for name, c in changes.items()}
    projected = {
        name: summed_terms(pre, post, reward, p.trace_time_steps) @ p.coefficients
        for name, p in found.items()
    }
    return xr.Dataset(
        {
            "coefficient_percent": _rows(found, "term", "coefficients"),
            "short_coefficient_percent": (("rule", "term"), _short(found)),
            "explained": _numbers(found, "explained"),
            "explained_crossvalidated": _numbers(found, "explained_crossvalidated"),
            "short_explained_crossvalidated": ("rule", _last_shares(found)),
            "trace_time_steps": _numbers(found, "trace_time_steps"),
            "measured_percent": (("rule", "sequence"), np.stack([*changes.values()])),
            "projected_percent": (
                ("rule", "sequence"),
                np.stack([*projected.values()]),
            ),
            "interval": recording["interval"],
            "modulator": recording["modulator"],
        },
        {"rule": list(found), "term": list(TERM_NAMES)},
        {f"formula_{name}": p.formula for name, p in found.items()},
    )


def _rows(found: dict[str, Projection], dimension: str, field: str) -> tuple:
    values = np.stack([getattr(p, field) for p in found.values()])
    return (("rule", dimension), values)


def _numbers(found: dict[str, Projection], field: str) -> tuple:
    return ("rule", [getattr(p, field) for p in found.values()])


def _short(found: dict[str, Projection]) -> np.ndarray:
    table = np.zeros((len(found), len(TERM_NAMES)))
    for row, projection in zip(table, found.values(), strict=True):
        row[list(projection.selected)] = projection.selected_coefficients
    return table


def _last_shares(found: dict[str, Projection]) -> list[float]:
    return [([0.0, *p.selected_crossvalidated])[-1] for p in found.values()]
