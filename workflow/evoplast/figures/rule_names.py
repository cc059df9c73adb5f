"""How figures call and mark the rules that all analyses show.

In: rows of analysis/representatives.parquet, or of tables with its columns. Out: names
with the whole formula, in lines of a given length; colour, marker and line of a rule.
The colour is that of its group, so rules of one group differ by marker and line.
"""

from collections.abc import Iterable

from evoplast.figures import style

LABEL_NAMES = {
    "best": "best",
    "best_within": "best within biology",
    "simplest": "simplest",
    "frequent": "most frequent",
    "rewarded": "best with reward",
    "known": "best known",
    "random": "best random",
    "none": "no plasticity",
}
LABEL_MARKERS = dict(
    zip(LABEL_NAMES, ("o", "v", "s", "P", "^", "D", "X", "*"), strict=True)
)
LABEL_LINES = {
    "best": "-",
    "best_within": "-",
    "simplest": "--",
    "frequent": "-.",
    "rewarded": ":",
}


def labels_text(labels: str) -> str:
    """Return labels ("best, simplest") in words."""
    return ", ".join(LABEL_NAMES.get(label, label) for label in labels.split(", "))


def rule_name(labels: str, formula: str, length: int = 34) -> str:
    """Return labels and the whole formula below, in lines of about ``length``."""
    body = formula.removeprefix("Δw = ")
    lines = wrapped(labels_text(labels).split(", "), ", ", length)
    if body and body != "0":
        lines += wrapped(body.split(" + "), " + ", length)
    return "\n".join(lines)


def wrapped(parts: Iterable[str], joint: str, length: int) -> list[str]:
    """Join ``parts`` to lines of about ``length`` characters; nothing is cut."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(joint) + len(part) <= length:
            lines[-1] += joint + part
        else:
            if lines:
                lines[-1] += joint.rstrip()
            lines.append(part)
    return lines


def look(label: str, group: str) -> dict:
    """Return colour, marker and line style of a rule, as matplotlib takes them."""
    return {
        "color": style.GROUP_COLOURS.get(group, style.GREY),
        "marker": LABEL_MARKERS.get(label, "o"),
        "ls": LABEL_LINES.get(label, "-"),
    }
