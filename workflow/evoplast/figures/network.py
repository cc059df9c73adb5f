"""Figure: the network of this run and its working point before any search.

In: ``network`` (network.nc), ``calibration`` (calibration.nc). Out: where the cells
lie, how their types are connected, rates beside the mouse's, the readout pool through
a trial, its AUC per response window, and what single terms do to the weights.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evoplast.artefacts.netcdf import read_dataset
from evoplast.figures import style

CLASSES = {
    "excitatory": (style.VERMILION, "^"),
    "Pvalb": (style.BLUE, "o"),
    "Sst": (style.GREEN, "s"),
    "Htr3a": (style.PURPLE, "D"),
}


def draw(inputs: SimpleNamespace, outputs: SimpleNamespace, dpi: int = style.DPI):
    """Draw the figure from the files of network and calibration."""
    network, calibration = (
        read_dataset(path) for path in (inputs.network, inputs.calibration)
    )
    with style.styled():
        figure = plot(network, calibration)
    style.save(figure, outputs, dpi)


def plot(network: xr.Dataset, calibration: xr.Dataset) -> Figure:
    """Return the figure with its rows: network, signal, plasticity."""
    figure = style.new_figure(8.2)
    top, middle, bottom = style.rows(figure, (3.1, 2.4, 2.2))
    panels = [
        *_plot_network(top, network, calibration),
        *_plot_signal(middle, calibration),
        _plot_terms(bottom, calibration),
    ]
    style.letter(panels)
    return figure


def _plot_network(figure, network: xr.Dataset, calibration: xr.Dataset) -> list[Axes]:
    panels = list(figure.subplots(1, 3, width_ratios=(0.8, 1.3, 1.2)))
    _plot_places(panels[0], network)
    _plot_connections(panels[1], network)
    _plot_rates(panels[2], calibration)
    return panels


def cell_class(type_name: str, excitatory: bool) -> str:
    """Return the class of a type: excitatory, or the marker in its name."""
    if excitatory:
        return "excitatory"
    return next((name for name in CLASSES if type_name.endswith(name)), "Htr3a")


def _classes(network: xr.Dataset) -> np.ndarray:
    """Return the class of each cell type."""
    pairs = zip(
        network["cell_type"].values, network["cell_type_excitatory"].values, strict=True
    )
    return np.array([cell_class(str(name), bool(exc)) for name, exc in pairs])


def _plot_places(panel: Axes, network: xr.Dataset) -> None:
    of_cell = _classes(network)[network["cell_cell_type"].values.astype(int)]
    x, y = network["cell_x_um"].values, network["cell_y_um"].values
    for name, (colour, marker) in CLASSES.items():
        chosen = of_cell == name
        label = f"{name} ({chosen.sum()})"
        panel.plot(x[chosen], y[chosen], marker, color=colour, ms=2.2, label=label)
    panel.invert_yaxis()
    panel.set_xlabel("x (µm)")
    panel.set_ylabel("depth (µm)")
    panel.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=2,
        handletextpad=0.1,
        columnspacing=0.6,
        fontsize=6,
    )


def _plot_connections(panel: Axes, network: xr.Dataset) -> None:
    names = [str(name) for name in network["cell_type"].values]
    image = panel.imshow(
        connection_share(network),
        cmap="viridis",
        vmin=0,
        aspect="auto",
        interpolation="nearest",
    )
    ticks = range(len(names))
    panel.set_xticks(ticks, names, rotation=90, fontsize=5.5)
    panel.set_yticks(ticks, names, fontsize=5.5)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    panel.set_xlabel("presynaptic type")
    panel.set_ylabel("postsynaptic type")
    bar = panel.figure.colorbar(image, ax=panel, shrink=0.8, pad=0.02)
    bar.set_label("share of pairs connected", fontsize=6.5)
    bar.ax.tick_params(labelsize=6)


def connection_share(network: xr.Dataset) -> np.ndarray:
    """Return the share of cell pairs that are connected, (post type, pre type)."""
    kind = network["cell_cell_type"].values.astype(int)
    m = network.sizes["cell_type"]
    post, pre = (kind[network[f"edge_{end}"].values] for end in ("target", "source"))
    edges = np.bincount(post * m + pre, minlength=m * m).reshape(m, m)
    cells = np.bincount(kind, minlength=m)
    pairs = np.outer(cells, cells) - np.diag(cells)
    return edges / np.maximum(pairs, 1)


def _plot_rates(panel: Axes, data: xr.Dataset) -> None:
    names = [str(name) for name in data["cell_type"].values]
    y = np.arange(len(names))
    panel.errorbar(
        data["rate_hz_mean"],
        y,
        xerr=style.errors(data["rate_hz_se"]),
        fmt="o",
        ms=3.5,
        color=style.VERMILION,
        label=f"model ({data.attrs['n_instances']} networks)",
    )
    panel.plot(
        data["mouse_rate_hz"],
        y,
        "D",
        ms=3.5,
        mfc="none",
        color=style.BLACK,
        label="mouse",
    )
    panel.set_yticks(y, names, fontsize=5.5)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlim(left=0)
    panel.set_xlabel("mean rate, no plasticity (Hz)")
    panel.grid(axis="y", lw=0.3, color="#DDDDDD")
    style.legend_below(panel, 2)


def _plot_signal(figure, data: xr.Dataset) -> list[Axes]:
    tasks = [str(task) for task in data["task"].values]
    panels = list(figure.subplots(1, len(tasks) + 1))
    for panel, task in zip(panels, tasks, strict=False):
        _plot_pool(panel, data.sel(task=task), task)
    _plot_auc(panels[-1], data, tasks)
    return panels


def _plot_pool(panel: Axes, data: xr.Dataset, task: str) -> None:
    time = data["time_ms"].values
    middle = time + 0.5 * (time[1] - time[0])
    colours = {"change": style.VERMILION, "repeat": style.BLUE}
    for condition, colour in colours.items():
        rate = data["pool_rate_hz"].sel(condition=condition)
        se = style.errors(data["pool_rate_hz_se"].sel(condition=condition))
        panel.plot(
            middle,
            rate,
            color=colour,
            label=condition,
            ls="-" if condition == "change" else "--",
        )
        panel.fill_between(middle, rate - se, rate + se, color=colour, alpha=0.2, lw=0)
    window = data.isel(window=int(np.argmax(data["window_configured"].values)))
    start, end = (float(window[f"window_{side}_ms"]) for side in ("start", "end"))
    panel.axvspan(start, end, color=style.GREY, alpha=0.12, lw=0)
    panel.set_title(style.task_name(task))
    panel.set_ylim(bottom=0)
    panel.set_xlabel("time in trial (ms); grey: response window")
    panel.set_ylabel("rate of L5 pool (Hz)")
    panel.legend(loc="upper right")


def _plot_auc(panel: Axes, data: xr.Dataset, tasks: list[str]) -> None:
    x = np.arange(data.sizes["window"])
    for i, task in enumerate(tasks):
        at = data.sel(task=task)
        panel.errorbar(
            x + 0.16 * (i - 0.5 * (len(tasks) - 1)),
            at["auc"],
            style.errors(at["auc_se"]),
            fmt=style.MARKERS[i % len(style.MARKERS)],
            color=style.task_colour(task, i),
            label=style.task_name(task),
        )
    style.chance_line(panel)
    windows = zip(
        data["window_start_ms"].values, data["window_end_ms"].values, strict=True
    )
    panel.set_xticks(x, [f"{a:g}–{b:g}" for a, b in windows], rotation=30, ha="right")
    panel.set_xlabel("window (ms); the first one is used")
    panel.set_ylabel("AUC, change against repeat")
    panel.set_title(f"bars: s.e., n = {data.attrs['n_instances']}", fontsize=6.5)
    panel.legend(loc="upper right")
    bottom, top = panel.get_ylim()
    panel.set_ylim(bottom, top + 0.25 * (top - bottom))


def _plot_terms(figure, data: xr.Dataset) -> Axes:
    panel = figure.subplots()
    single = data.isel(rule=data["kind"].values == "one term")
    x = np.arange(single.sizes["rule"])
    shown = (
        ("fraction_changed", "changed by more than 10 %", style.BLUE, "o"),
        ("fraction_at_bound", "at a bound", style.VERMILION, "s"),
    )
    for name, label, colour, marker in shown:
        values = single[name]
        mean = values.mean("rule_instance")
        n = values.sizes["rule_instance"]
        se = values.std("rule_instance", ddof=1) / n**0.5 if n > 1 else 0 * mean
        panel.errorbar(x, mean, se, fmt=marker, color=colour, label=label)
    panel.set_xticks(
        x, [str(t) for t in single["term"].values], rotation=60, ha="right", fontsize=6
    )
    panel.set_ylim(-0.03, 1.03)
    panel.set_xlim(-0.7, len(x) - 0.3)
    panel.grid(axis="x", lw=0.3, color="#DDDDDD")
    panel.set_ylabel("share of synapses")
    networks = style.count_text(single.sizes["rule_instance"], "network")
    bars = "; bars: s.e." if single.sizes["rule_instance"] > 1 else ""
    panel.legend(
        ncols=2,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        title=f"rules of one term, {data.attrs['training_trials']} trials, "
        f"{networks}{bars}",
        title_fontsize=6.5,
    )
    return panel
