"""What figures of learning share: which rules they show, in which colour and order.

In: tables by rule label (recordings). Out: labels, colours, means with errors over
networks.
"""

import pandas as pd
from matplotlib.axes import Axes

from evoplast.figures import style

NONE = "none"
# Label in the tables: group (colour), name in legends.
RULES = {
    NONE: ("no plasticity", "before learning (no plasticity)"),
    "best": ("evolved", "best evolved rule"),
    "best_within": ("evolved", "best evolved rule within biology"),
    "known": ("known", "best known rule"),
    "random": ("random", "best random rule"),
}
_SECOND = {"best_within": style.ORANGE}
IMAGE_COLOUR, LATE_COLOUR = "#EFEFEF", "#E3EEF7"


def shown(table: pd.DataFrame) -> list[str]:
    """Return the rules of a table that figures show, in their order."""
    return [rule for rule in RULES if rule in set(table["rule"])]


def colour(rule: str) -> str:
    """Return the colour of a rule; one colour, one meaning."""
    return _SECOND.get(rule, style.GROUP_COLOURS[RULES[rule][0]])


def marker(rule: str) -> str:
    """Return the marker of a rule."""
    return style.GROUP_MARKERS[RULES[rule][0]]


def name(rule: str) -> str:
    """Return what legends call a rule."""
    return RULES[rule][1]


def over_networks(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Return mean, sem and size of ``value`` over networks, by the columns ``by``."""
    units = table.groupby([*by, "instance"], sort=False)[value].mean()
    return units.groupby(level=by, sort=False).agg(["mean", "sem", "size"])


def mark_times(panel: Axes, image_ms: float, late_ms: float | None = None) -> None:
    """Shade the time of the image, and the late delay if it is given."""
    panel.axvspan(0, image_ms, color=IMAGE_COLOUR, lw=0, zorder=0)
    if late_ms is not None:
        panel.axvspan(late_ms, panel.get_xlim()[1], color=LATE_COLOUR, lw=0, zorder=0)
    panel.set_xlabel("time after the image's onset (ms)")
