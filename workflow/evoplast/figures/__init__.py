"""Figures of the report, drawn from artefacts only; one module a figure.

Every module has ``draw(inputs, outputs, dpi)``: ``inputs`` has one path (or list of
paths) per attribute, ``outputs`` has ``pdf`` and ``png``. The same artefacts give the
same bytes. Pages that show the same things take colours and names from here.
"""

from evoplast.figures import style
from evoplast.figures.captioned import write_captioned
from evoplast.figures.ceiling import REFERENCE as CEILING_READOUT
from evoplast.figures.style import GROUP_COLOURS, PURPLE, task_name

__all__ = [
    "CEILING_READOUT",
    "GROUP_COLOURS",
    "PURPLE",
    "style",
    "task_name",
    "write_captioned",
]
