"""Figure: what becomes of swarms with other options.

In: ``table`` (one row per option) and ``detail`` (the histories). Out: the panels of
:mod:`initialisation`.
"""

from evoplast.figures.initialisation import draw

__all__ = ["draw"]
