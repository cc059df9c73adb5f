"""What a run found: four sentences and one table with errors, from its artefacts.

In: the catalogue of rules, the table of comparisons, the table of the ceiling. Out:
sentences that say what the numbers allow, and no more. The unit is the network;
p-values are corrected for the comparisons that the sentences report (Holm).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evoplast.analysis import holm
from evoplast.artefacts.errors import UserError
from evoplast.atlas.catalogue import Catalogue, Entry
from evoplast.figures import CEILING_READOUT, task_name

LEVEL = 0.05
"""A difference is called one if its corrected p-value is below."""

NONE = "no plasticity"


@dataclass(frozen=True)
class Line:
    """One row of the first table: who, and (mean, standard error) by quantity."""

    label: str
    formula: str
    gates: np.ndarray | None
    values: dict[str, tuple[float, float]]

    @property
    def n_terms(self) -> int | str:
        """Number of active terms; "" where there is no rule."""
        return "" if self.gates is None else int(self.gates.sum())


@dataclass(frozen=True)
class Findings:
    """Four sentences, the table behind them, and what its numbers are measured on."""

    sentences: tuple[str, ...]
    lines: tuple[Line, ...]
    measured_on: str


@dataclass(frozen=True)
class Ceiling:
    """Accuracy of a linear readout without plasticity: (mean, s.e.) by quantity."""

    values: dict[str, tuple[float, float]]
    n_networks: int


def ceiling_of(table: pd.DataFrame) -> Ceiling:
    """Return what the readout of type means reaches, from the table of the ceiling.

    Errors are over networks; with a single network they are those of its trials.

    Raises:
        UserError: the table has no such readout.
    """
    chosen = table[table["readout"] == CEILING_READOUT]
    if not len(chosen):
        raise UserError(
            f"The table of the ceiling has no readout {CEILING_READOUT!r}, only "
            f"{', '.join(sorted(set(table['readout'])))}; make it again."
        )
    by_task = chosen.pivot_table(index="instance", columns="task", values="accuracy")
    values = {f"accuracy_{task}": _over(by_task[task]) for task in by_task}
    values["cross_accuracy"] = _over(by_task.mean(axis=1))
    return Ceiling(values, len(by_task))


def _over(values: pd.Series) -> tuple[float, float]:
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(values.mean()), float(error)


def findings(
    catalogue: Catalogue, comparison: pd.DataFrame, ceiling: Ceiling
) -> Findings:
    """Return what was found.

    Raises:
        UserError: there is no evolved rule or no plasticity-free reference.
    """
    best, still = catalogue.best("evolved"), catalogue.best(NONE)
    if best is None or still is None:
        missing = "evolved rule" if best is None else "rule without plasticity"
        raise UserError(
            f"No {missing} is among the rules of this run, so nothing can be compared; "
            "make the stages baselines and pareto again."
        )
    rows = _of_champion(comparison, best.reported)
    return Findings(
        (
            _what(best),
            _against_none(best, still, rows, ceiling),
            _against_others(catalogue, rows),
            _at_what_cost(catalogue, best, still),
        ),
        tuple(_lines(catalogue, ceiling)),
        _count(best),
    )


def _of_champion(comparison: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the comparisons of the best evolved rule by the other side, corrected."""
    rows = comparison[
        (comparison["left"] == "evolved")
        & (comparison["selection"] == "champion")
        & (comparison["split"] == split)
    ]
    corrected = holm(rows["p_value"].to_numpy()) if len(rows) else np.empty(0)
    return rows.assign(p_holm=corrected).set_index("right")


def _what(best: Entry) -> str:
    selection = best.splits.get("selection")
    accuracy = number(best.value("cross_accuracy"))
    chosen = (
        f"; it was chosen on {counted(selection.n_networks, 'other')}"
        if selection
        else ""
    )
    return (
        f"The best evolved rule, {best.formula}, has "
        f"{counted(best.n_terms, 'term')} and detects changes with an accuracy of "
        f"{accuracy} on {_count(best)}{chosen}."
    )


def _against_none(
    best: Entry, still: Entry, rows: pd.DataFrame, ceiling: Ceiling
) -> str:
    reached = ceiling.values["cross_accuracy"]
    unplastic, learned = (e.value("cross_accuracy")[0] for e in (still, best))
    way = ""
    if unplastic < min(learned, reached[0]):
        share = (learned - unplastic) / (reached[0] - unplastic)
        way = f", and the rule goes {100 * share:.0f} % of the way there"
    return (
        f"It is {_compared(rows, NONE, 'no plasticity')}; a linear readout of the "
        f"means of the cell types reaches {number(reached)} without plasticity "
        f"(on {counted(ceiling.n_networks, 'network')} of the run){way}."
    )


def _against_others(catalogue: Catalogue, rows: pd.DataFrame) -> str:
    n_random = sum(entry.group == "random" for entry in catalogue.entries)
    known = catalogue.best("known")
    random = f"the best of {n_random} random rules that were measured again"
    literature = "the best rule of the literature" + (
        f", {known.name}" if known else ""
    )
    own = catalogue.best("own")
    mine = f", and {_compared(rows, 'own', f'{own.name}, your own')}" if own else ""
    return (
        f"It is {_compared(rows, 'random', random)}, and "
        f"{_compared(rows, 'known', literature)}{mine}."
    )


def _compared(rows: pd.DataFrame, other: str, called: str) -> str:
    """Return what the test allows to say of the best evolved rule and another."""
    if other not in rows.index:
        return f"not compared with {called}"
    row = rows.loc[other]
    value = number((row["difference_mean"], row["difference_se"]), signed=True)
    evidence = (
        f"({value} in accuracy, p {_p(row['p_value'])}, corrected "
        f"{_p(row['p_holm'])}, {counted(int(row['n_pairs']), 'pair')})"
    )
    if not row["p_holm"] < LEVEL:
        return f"not distinguishable from {called} {evidence}"
    verdict = "better" if row["difference_mean"] > 0 else "worse"
    return f"{verdict} than {called} {evidence}"


def _at_what_cost(catalogue: Catalogue, best: Entry, still: Entry) -> str:
    tasks = " and ".join(
        f"{number(best.value(f'accuracy_{task}'))} in {task_name(task)} "
        f"({number(still.value(f'accuracy_{task}'))} without plasticity)"
        for task in catalogue.tasks
    )
    rate, distance = (
        f"{number(best.value(name), name)} Hz "
        f"({number(still.value(name), name)} Hz without)"
        for name in ("max_rate_hz", "wasserstein_hz")
    )
    return (
        f"Its accuracy is {tasks}; its most active neuron fires at {rate}, and its "
        f"rates lie {distance} from the mouse's."
    )


def _lines(catalogue: Catalogue, ceiling: Ceiling) -> Iterable[Line]:
    for group, label in (
        ("evolved", "best evolved rule"),
        ("random", "best random rule"),
        ("known", "best known rule"),
        ("own", "best rule of your own"),
        (NONE, NONE),
    ):
        entry = catalogue.best(group)
        if entry is not None:
            yield Line(
                f"{label}, {entry.name}" if group in ("known", "own") else label,
                entry.formula,
                entry.gates,
                {name: entry.value(name) for name in columns(catalogue)},
            )
    label = f"linear readout of {CEILING_READOUT}, no plasticity"
    yield Line(label, "", None, ceiling.values)


def columns(catalogue: Catalogue) -> dict[str, str]:
    """Return the quantities of the first table with the heads of their columns."""
    tasks = {f"accuracy_{t}": f"accuracy, {task_name(t)}" for t in catalogue.tasks}
    return {
        "cross_accuracy": "accuracy",
        **tasks,
        "max_rate_hz": "highest rate (Hz)",
        "wasserstein_hz": "distance to mouse (Hz)",
    }


def number(value: tuple[float, float], quantity: str = "", signed: bool = False) -> str:
    """Return for instance "0.578 ± 0.007" or "93.3 ± 4.3"; "–" if there is none.

    Rates (``quantity`` ends in ``_hz``) have one decimal, all else three.
    """
    mean, error = value
    if not np.isfinite(mean):
        return "–"
    digits = 1 if quantity.endswith("_hz") else 3
    text = f"{mean:{'+' if signed else ''}.{digits}f}"
    return f"{text} ± {error:.{digits}f}" if np.isfinite(error) else text


def _p(value: float) -> str:
    return f"{value:.2g}" if value >= 0.0001 else "< 0.0001"


def counted(n: int, what: str) -> str:
    """Return for instance "1 network" or "12 networks"."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def _count(entry: Entry) -> str:
    network = counted(entry.splits[entry.reported].n_networks, "network")
    used = "that chose nothing" if entry.reported == "unseen" else "of the choice"
    return f"{network} {used}"
