"""Figure: are rules of different formulas alike in what they do?

In: ``distances``, ``rules``, ``correlations``, ``members`` and ``tests`` of the
degeneracy. Out: behaviour beside formula, correlations of all distances, clusters.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.figures import rule_names, style

MEASURES = ("formula", "coefficients", "weight change", "decisions", "rates")
SETS = {"evolved": "evolved rules", "all": "all rules"}
TESTS = {
    "silhouette": "silhouette of clusters",
    "formula distance within clusters": "formula distance\nwithin clusters",
    "close pairs of unlike formulas": "unlike formulas\namong close pairs",
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the artefacts of the degeneracy."""
    tables = {
        name: read_table(getattr(inputs, name))
        for name in ("rules", "correlations", "members", "tests")
    }
    with style.styled():
        figure = plot(read_dataset(inputs.distances), **tables)
    style.save(figure, outputs, dpi)


def plot(
    distances: xr.Dataset,
    rules: pd.DataFrame,
    correlations: pd.DataFrame,
    members: pd.DataFrame,
    tests: pd.DataFrame,
) -> Figure:
    """Return the figure."""
    members = members[members["set"] == "all"]
    lines = max(1 + _name(row).count("\n") for row in members.itertuples())
    height = max((0.1 + 0.055 * lines) * len(members) + 1.0, 2.6)
    figure = style.new_figure(2.9 + height)
    rows = figure.add_gridspec(2, 1, height_ratios=(2.9, height))
    top = rows[0].subgridspec(1, 3)
    panels = [figure.add_subplot(top[0, k]) for k in range(3)]
    below = rows[1].subgridspec(1, 2, width_ratios=(1, 0.42))
    panels += [figure.add_subplot(below[0, k]) for k in range(2)]
    _plot_pairs(panels[0], distances, rules)
    _plot_correlations(panels[1], correlations)
    _plot_tests(panels[2], tests)
    _plot_matrix(panels[3], distances, members)
    _plot_accuracy(panels[4], members)
    style.letter(panels)
    return figure


def _mean(distances: xr.Dataset, measure: str) -> np.ndarray:
    return distances["distance"].sel(measure=measure).values.mean(axis=0)


def _plot_pairs(panel: Axes, distances: xr.Dataset, rules: pd.DataFrame) -> None:
    formula, decided = (_mean(distances, name) for name in ("formula", "decisions"))
    groups, formed = rules["group"].to_numpy(), (rules["n_terms"] > 0).to_numpy()
    upper = np.triu(formed[:, None] & formed, 1)
    evolved = (groups[:, None] == "evolved") & (groups == "evolved")
    for chosen, colour, label in (
        (upper & ~evolved, style.GREY, "other pairs"),
        (upper & evolved, style.GROUP_COLOURS["evolved"], "pairs of evolved rules"),
    ):
        panel.scatter(formula[chosen], decided[chosen], s=5, color=colour, label=label)
    chance = distances["chance"].values.mean(axis=0)[upper].mean()
    panel.axhline(chance, color=style.GREY, lw=0.8, ls=":")
    panel.set_xlabel("distance of formulas (1 − shared terms)")
    panel.set_ylabel("share of trials decided differently")
    panel.set_ylim(0, 0.62)
    panel.legend(loc="upper left", handletextpad=0.1, fontsize=6)
    panel.set_title(
        f"dotted: independent decisions\nn = {distances.sizes['network']} networks",
        loc="right",
        fontsize=6,
    )


def _plot_correlations(panel: Axes, table: pd.DataFrame) -> None:
    """Draw evolved rules above the diagonal and all rules below it."""
    m = len(MEASURES)
    values, notes = np.full((m, m), np.nan), {}
    for row in table.itertuples():
        i, j = MEASURES.index(row.left), MEASURES.index(row.right)
        place = (i, j) if row.set == "evolved" else (j, i)
        values[place] = row.correlation
        notes[place] = f"{row.correlation:.2f}{'*' if row.p_holm < 0.05 else ''}"
    panel.imshow(values, cmap="PuOr_r", vmin=-1, vmax=1)
    for (y, x), text in notes.items():
        panel.text(x, y, text, ha="center", va="center", fontsize=6)
    panel.set_xticks(range(m), MEASURES, rotation=40, ha="right", fontsize=6)
    panel.set_yticks(range(m), MEASURES, fontsize=6)
    panel.tick_params(length=0)
    n = table.groupby("set")["n_rules"].first()
    panel.set_title(
        "rank correlation of distances\n*: Holm p < 0.05\n"
        f"below: {n.get('all', 0)} rules\nabove: {n.get('evolved', 0)} evolved",
        loc="right",
        fontsize=6,
    )


def _plot_tests(panel: Axes, tests: pd.DataFrame) -> None:
    """Draw what was found and the range of the null models, 95 %."""
    names, place = list(TESTS), 0.0
    ticks = {}
    for name in names:
        for kind, colour in (
            ("evolved", style.GROUP_COLOURS["evolved"]),
            ("all", style.BLACK),
        ):
            own = tests[(tests["quantity"] == name) & (tests["set"] == kind)]
            for row in own.itertuples():
                panel.errorbar(
                    row.null_mean,
                    place,
                    xerr=1.96 * row.null_sd,
                    color=style.GREY,
                    lw=3,
                    alpha=0.5,
                    capsize=0,
                )
                panel.plot(row.value, place, "o", color=colour)
                ticks[place] = f"{SETS[kind]}, p {row.p_value:.2g}"
                place += 1
        place += 0.9
    panel.set_yticks(list(ticks), list(ticks.values()), fontsize=5.5)
    for name, start in zip(names, _starts(tests, names), strict=True):
        panel.text(0.0, start - 0.55, TESTS[name].replace("\n", " "), fontsize=6)
    panel.set_ylim(place - 0.7, -1.1)
    panel.set_xlim(0, 1)
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel("value; grey: null model (95 %)")


def _starts(tests: pd.DataFrame, names: list[str]) -> list[float]:
    found, place = [], 0.0
    for name in names:
        found.append(place)
        place += (tests["quantity"] == name).sum() + 0.9
    return found


def _plot_matrix(panel: Axes, distances: xr.Dataset, members: pd.DataFrame) -> None:
    """Draw decisions that differ, rules ordered by cluster, formulas beside them."""
    order = members.sort_values(["cluster", "group", "n_terms"], kind="stable")
    places = order["rule"].to_numpy()
    matrix = _mean(distances, "decisions")[np.ix_(places, places)]
    image = panel.imshow(matrix, cmap="viridis", vmin=0, aspect="auto")
    edges = np.flatnonzero(np.diff(order["cluster"])) + 0.5
    for edge in edges:
        panel.axhline(edge, color="white", lw=1)
        panel.axvline(edge, color="white", lw=1)
    names = [_name(row) for row in order.itertuples()]
    panel.set_yticks(range(len(names)), names, fontsize=4.5, linespacing=0.9)
    for label, group in zip(panel.get_yticklabels(), order["group"], strict=True):
        label.set_color(style.GROUP_COLOURS[group])
    panel.set_xticks([])
    panel.tick_params(length=0)
    panel.figure.colorbar(
        image, ax=panel, location="bottom", shrink=0.6, aspect=30, pad=0.02
    ).set_label("share of trials decided differently", fontsize=6.5)


def _name(row) -> str:
    text = row.formula.removeprefix("Δw = ")
    return "\n".join(rule_names.wrapped(text.split(" + "), " + ", 70))


def _plot_accuracy(panel: Axes, members: pd.DataFrame) -> None:
    order = members.sort_values(["cluster", "group", "n_terms"], kind="stable")
    y = np.arange(len(order))
    for group, part in order.assign(y=y).groupby("group", sort=False):
        panel.errorbar(
            part["accuracy"],
            part["y"],
            xerr=style.errors(part["accuracy_se"]),
            fmt=style.GROUP_MARKERS[group],
            color=style.GROUP_COLOURS[group],
            ms=3,
            lw=0.8,
            label=group,
        )
    for edge in np.flatnonzero(np.diff(order["cluster"])) + 0.5:
        panel.axhline(edge, color=style.GREY, lw=0.5)
    panel.set_yticks([])
    panel.set_ylim(len(order) - 0.5, -0.5)
    panel.set_xlabel(style.ACCURACY + "\nbars: s.e. over networks")
    panel.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=1,
        fontsize=5.5,
        handletextpad=0.1,
        columnspacing=0.5,
    )
