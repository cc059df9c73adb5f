"""Figure: which coefficients selection moved, by cell type.

In: ``table`` and ``structure`` of the heterogeneity. Out: maps of coefficients of
pairs, of single types, time constants, all beside what they are without selection.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from scipy.stats import norm

from evoplast.artefacts.parquet import read_table
from evoplast.figures import style

LEVEL = 0.05
N_MAPS = 3
LEVELS = {
    "all types": ("o", style.VERMILION),
    "type": ("^", style.BLUE),
    "sender": ("<", style.BLUE),
    "receiver": ("v", style.SKY),
    "pair": ("s", style.GREEN),
    "pair without synapses": ("s", style.GREY),
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the tables of the heterogeneity."""
    table, structure = read_table(inputs.table), read_table(inputs.structure)
    with style.styled():
        figure = plot(table, structure)
    style.save(figure, outputs, dpi)


def plot(table: pd.DataFrame, structure: pd.DataFrame) -> Figure:
    """Return the figure."""
    figure = style.new_figure(9.0)
    grid = figure.add_gridspec(3, 6, height_ratios=(1.15, 1.25, 0.75))
    maps = [figure.add_subplot(grid[0, 2 * k : 2 * k + 2]) for k in range(N_MAPS)]
    strip = figure.add_subplot(grid[1, :3])
    levels = figure.add_subplot(grid[1, 3:])
    taus = [figure.add_subplot(grid[2, 2 * k : 2 * k + 2]) for k in range(2)]
    spread = figure.add_subplot(grid[2, 4:])
    image = _plot_maps(maps, table)
    _plot_strip(strip, table)
    figure.colorbar(
        image, ax=maps, shrink=0.9, label="mean coefficient", pad=0.01, aspect=15
    )
    _plot_levels(levels, structure)
    for panel, name in zip(taus, ("tau_E", "tau_R"), strict=True):
        _plot_tau(panel, table[table["parameter"] == name], name)
    _plot_spread(spread, table)
    n = int(table["n_searches"].max())
    style.letter([*maps, strip, levels, *taus, spread])
    figure.supxlabel(
        f"own fronts of {style.count_text(n, 'search')[4:]}; dots: differs from the "
        "neutral replay at a false discovery rate of 5 %; ×: no synapses",
        fontsize=6.5,
    )
    return figure


def _types(table: pd.DataFrame) -> list[str]:
    taus = table[table["parameter"] != "coefficient"]
    own = taus[taus["parameter"] == taus["parameter"].iloc[0]] if len(taus) else taus
    if len(own):
        return own["pre_type"].tolist()
    sides = (table["pre_type"], table["post_type"])
    return [t for t in dict.fromkeys(pd.concat(sides)) if t]


def _plot_maps(panels: list[Axes], table: pd.DataFrame) -> AxesImage:
    types, pairs = _types(table), table[table["kind"] == "pair"]
    terms = pairs.groupby("term", sort=False).agg(
        n=("n_searches", "first"), rules=("n_rules", "first")
    )
    order = terms.sort_values(["n", "rules"], ascending=False, kind="stable").index
    image = None
    for k, panel in enumerate(panels):
        own = pairs[pairs["term"] == order[k]] if k < len(order) else pairs.iloc[:0]
        image = _plot_map(panel, own, types) or image
        if own.empty:
            style.empty_note(panel, "no further term of pairs")
            panel.set_axis_off()
        else:
            n, rules = int(own["n_searches"].iloc[0]), int(own["n_rules"].iloc[0])
            panel.set_title(
                f"{order[k]}\n{n} of {int(table['n_searches'].max())} searches, "
                f"{style.count_text(rules, 'rule')[4:]}",
                loc="right",
                fontsize=6.5,
            )
    panels[0].set_ylabel("presynaptic type")
    panels[1].set_xlabel("postsynaptic type")
    return image or panels[0].imshow(np.zeros((1, 1)), cmap="PuOr_r", vmin=-1, vmax=1)


def _plot_map(panel: Axes, own: pd.DataFrame, types: list[str]) -> AxesImage | None:
    if own.empty:
        return None
    values = own.pivot(index="pre_type", columns="post_type", values="value")
    values = values.loc[types, types]
    image = panel.imshow(values, cmap="PuOr_r", vmin=-1, vmax=1)
    _mark(panel, own, own["post_type"].map(types.index), own["pre_type"], types)
    panel.set_xticks(range(len(types)), types, rotation=90, fontsize=4.5)
    panel.set_yticks(range(len(types)), types, fontsize=4.5)
    panel.tick_params(length=0)
    return image


def _mark(panel: Axes, own: pd.DataFrame, x, rows: pd.Series, order: list[str]) -> None:
    """Mark what differs from the prior, and what has no synapses."""
    y = rows.map(order.index)
    for chosen, marker, size in (
        (own["p_fdr"] < LEVEL, "o", 2.5),
        (own["n_synapses"] == 0, "x", 2.0),
    ):
        place = chosen.to_numpy()
        panel.scatter(
            np.asarray(x)[place],
            np.asarray(y)[place],
            s=size,
            marker=marker,
            color="black" if marker == "o" else style.GREY,
            lw=0.3,
        )


def _plot_strip(panel: Axes, table: pd.DataFrame) -> None:
    types = _types(table)
    own = table[table["kind"].isin(("pre", "post"))]
    own = own.assign(type=own["pre_type"] + own["post_type"])
    terms = list(dict.fromkeys(own["term"]))
    if not terms:
        style.empty_note(panel, "no term of one type")
        return
    values = own.pivot(index="term", columns="type", values="value").loc[terms, types]
    panel.imshow(values, cmap="PuOr_r", vmin=-1, vmax=1)
    _mark(panel, own, own["type"].map(types.index), own["term"], terms)
    searches = own.groupby("term", sort=False)["n_searches"].first()
    panel.set_yticks(
        range(len(terms)), [f"{t} ({searches[t]})" for t in terms], fontsize=5.5
    )
    panel.set_xticks(range(len(types)), types, rotation=90, fontsize=5)
    panel.tick_params(length=0)
    panel.set_title("terms of one type (searches)", fontsize=6.5)


def _plot_levels(panel: Axes, structure: pd.DataFrame) -> None:
    """Draw the size at each level over what is expected without selection."""
    terms = list(dict.fromkeys(structure["term"]))
    for level, (marker, colour) in LEVELS.items():
        own = structure[structure["level"] == level]
        ratio = own["size"] / own["expected"]
        y = own["term"].map(terms.index)
        sure = own["p_holm"] < LEVEL
        for part, face in ((sure, colour), (~sure, "none")):
            panel.scatter(
                ratio[part],
                y[part],
                s=14,
                marker=marker,
                facecolors=face,
                edgecolors=colour,
                lw=0.8,
            )
        panel.scatter([], [], s=14, marker=marker, color=colour, label=level)
    panel.axvline(1, color=style.GREY, lw=0.8, ls=":", zorder=0)
    panel.set_yticks(range(len(terms)), terms, fontsize=5.5)
    panel.set_ylim(len(terms) - 0.5, -0.5)
    panel.set_xlabel("size / size without selection (filled: Holm p < 0.05)")
    panel.legend(fontsize=5.5, loc="best", handletextpad=0.2, frameon=True)


def _plot_tau(panel: Axes, own: pd.DataFrame, name: str) -> None:
    if own.empty:
        style.empty_note(panel, f"no rule uses {name}")
        return
    x = np.arange(len(own))
    centre, sd = own["prior_mean"], 1.96 * own["prior_sd"]
    panel.fill_between(x, centre - sd, centre + sd, color=style.GREY, alpha=0.25, lw=0)
    panel.errorbar(
        x,
        own["value"],
        style.errors(own["se"]),
        fmt="o",
        color=style.GROUP_COLOURS["evolved"],
        ms=3,
        lw=0.8,
    )
    sure = (own["p_fdr"] < LEVEL).to_numpy()
    top = (own["value"] + style.errors(own["se"])).to_numpy()
    for place in np.flatnonzero(sure):
        panel.text(x[place], top[place], "*", ha="center", fontsize=8)
    panel.set_xticks(x, own["pre_type"], rotation=90, fontsize=5)
    symbol = rf"$\tau_{{{name[-1]}}}$"
    n = style.count_text(int(own["n_searches"].iloc[0]), "search")
    panel.set_ylabel(f"{symbol} (ms)")
    panel.set_title(f"{n}; grey: 95 %\nwithout selection", loc="right", fontsize=6)


def _plot_spread(panel: Axes, table: pd.DataFrame) -> None:
    """Draw the distribution of z beside that of a normal variable."""
    bins = np.linspace(-8, 8, 65)
    middle = (bins[1:] + bins[:-1]) / 2
    own = table[table["parameter"] == "coefficient"]["z"].clip(-8, 8)
    panel.hist(
        own,
        bins.tolist(),
        density=True,
        color=style.GROUP_COLOURS["evolved"],
        alpha=0.6,
    )
    panel.plot(middle, norm.pdf(middle), color=style.BLACK, lw=1)
    panel.set_xlabel("z against no selection")
    panel.set_ylabel("density of coefficients")
    panel.set_title(
        f"{len(own)} coefficients;\nline: without selection", loc="right", fontsize=6
    )
