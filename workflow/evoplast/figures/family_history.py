"""Figure: the progress of family searches, generation by generation.

In: ``families.parquet`` of searches. Out: gain over no plasticity, distance to the
mouse, highest rate and number of terms of the mean of every family. Orange is always
the best family of a round, grey any other, black no plasticity.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.figures import style

BEST, OTHERS = style.VERMILION, style.GREY


def is_of_families(history: pd.DataFrame) -> bool:
    """Return whether a search's history is that of families."""
    return "family" in history


def plot(histories: list[pd.DataFrame]) -> Figure:
    """Return the figure with its four panels; searches differ by marker."""
    figure = style.new_figure(4.8)
    panels = figure.subplots(2, 2, sharex=True).ravel()
    plot_gain(panels[0], histories)
    _plot_means(panels[1], histories, "wasserstein_hz", "control_wasserstein_hz")
    panels[1].set_ylabel(style.OBJECTIVE_LABELS["wasserstein_hz"])
    _plot_means(panels[2], histories, "max_rate_hz")
    panels[2].set_ylabel(style.OBJECTIVE_LABELS["max_rate_hz"])
    _plot_terms(panels[3], histories)
    for panel in panels[:2]:
        panel.set_xlabel("")
    for panel in panels[2:]:
        panel.set_xlabel("generation, a new network in each")
    handles, labels = panels[1].get_legend_handles_labels()
    searches = style.count_text(len(histories), "search")
    title = f"{searches}; dotted: a round begins; bar: s.e. over its generations"
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        title=title,
        title_fontsize=6.5,
    )
    style.letter(panels)
    return figure


def plot_gain(panel: Axes, histories: list[pd.DataFrame]) -> None:
    """Draw the gain of every family's mean over no plasticity on the same network."""
    for i, table in enumerate(histories):
        _lines(panel, table, "gain")
        found = best_families(table)
        panel.errorbar(
            found["middle"],
            found["gain"],
            style.errors(found["gain_se"]),
            fmt=f"{_marker(i)}-",
            color=BEST,
            ms=4,
            zorder=4,
        )
    _rounds(panel, histories[0])
    panel.axhline(0.0, color=style.BLACK, lw=0.9, ls="--", zorder=0)
    # A few early families fall far below; they would press the rest into a line.
    gains = np.concatenate([table["gain"] for table in histories])
    bottom = np.quantile(gains, 0.02)
    panel.set_ylim(bottom=bottom - 0.1 * (gains.max() - bottom))
    panel.set_xlabel("generation")
    panel.set_ylabel("gain in accuracy, in the search")


def best_families(history: pd.DataFrame) -> pd.DataFrame:
    """Return the family of each round with the highest gain, and its standard error.

    Columns: round, family, formula, n_terms, gain (mean of its generations), gain_se,
    middle (of the round, generations). Ranked by samples and mean together, as the
    search does; chosen on the numbers that are shown, and therefore optimistic.
    """
    ranked = history.assign(estimate=0.5 * (history["gain"] + history["sample_gain"]))
    groups = ranked.groupby(["round", "family"])
    table = groups.agg(
        formula=("formula", "first"),
        n_terms=("n_terms", "first"),
        estimate=("estimate", "mean"),
        gain=("gain", "mean"),
        gain_se=("gain", "sem"),
        middle=("generation", "mean"),
    ).reset_index()
    ordered = table.sort_values(["round", "estimate"], ascending=[True, False])
    return ordered.drop_duplicates("round").reset_index(drop=True)


def _plot_means(
    panel: Axes, histories: list[pd.DataFrame], column: str, control: str | None = None
) -> None:
    for i, table in enumerate(histories):
        _lines(panel, table, column)
        _best_line(panel, table, column, i)
        if control is not None:
            still = table.groupby("generation")[control].first()
            label = "no plasticity" if i == 0 else None
            panel.plot(still.index, still, color=style.BLACK, ls="--", label=label)
    _rounds(panel, histories[0])
    # One broken mean on one network would press the rest into a line.
    common = np.quantile(np.concatenate([t[column] for t in histories]), 0.98)
    lines = [line.get_ydata() for line in panel.lines if line.get_color() == BEST]
    panel.set_ylim(0, 1.05 * max(common, *np.concatenate(lines)))


def _lines(panel: Axes, table: pd.DataFrame, column: str) -> None:
    for _, own in table.groupby("family"):
        panel.plot(
            own["generation"], own[column], color=OTHERS, lw=0.5, alpha=0.5, zorder=1
        )


def _best_line(panel: Axes, table: pd.DataFrame, column: str, index: int) -> None:
    label = f"best family of a round, search {index}"
    for _, best in best_families(table).iterrows():
        own = table[table["round"] == best["round"]]
        own = own[own["family"] == best["family"]]
        marker = _marker(index)
        panel.plot(
            own["generation"],
            own[column],
            marker=marker,
            ms=2.5,
            color=BEST,
            label=label,
        )
        label = "_best"
    if index == 0:
        panel.plot([], [], color=OTHERS, lw=0.8, label="mean of another family")


def _plot_terms(panel: Axes, histories: list[pd.DataFrame]) -> None:
    for i, table in enumerate(histories):
        shift = 0.25 * (i - (len(histories) - 1) / 2)
        found = table.drop_duplicates(["round", "family"])
        middle = found["round"].map(table.groupby("round")["generation"].mean())
        sizes = pd.DataFrame({"x": middle + shift, "n": found["n_terms"]})
        counts = sizes.value_counts().reset_index()
        panel.scatter(counts["x"], counts["n"], 6 * counts["count"], color=OTHERS)
        best = best_families(table)
        panel.plot(
            best["middle"] + shift, best["n_terms"], f"{_marker(i)}-", color=BEST, ms=4
        )
    _rounds(panel, histories[0])
    panel.set_ylim(bottom=0)
    style.whole_numbers(panel.yaxis)
    panel.set_ylabel("terms (area: families)")


def _rounds(panel: Axes, history: pd.DataFrame) -> None:
    for start in history.groupby("round")["generation"].min():
        panel.axvline(start - 0.5, color=style.BLACK, lw=0.5, ls=":", zorder=0)
    style.whole_numbers(panel.xaxis)


def _marker(index: int) -> str:
    return style.MARKERS[index % len(style.MARKERS)]
