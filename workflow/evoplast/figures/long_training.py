"""Figure: many rules trained for as long as they may need to decay.

In: ``horizon`` and ``trend`` (analysis). Out: the panels of :mod:`long_horizon`.
"""

from evoplast.figures.long_horizon import draw

__all__ = ["draw"]
