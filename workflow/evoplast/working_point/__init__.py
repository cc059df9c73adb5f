"""The working point: is the network like the mouse's, does the task carry signal?

In: networks, their inputs, what was measured in the mouse. Out: tables and datasets of
the calibration, of its scan over drives and gains, and of the likeness to the mouse.
"""

from evoplast.working_point.spiking import SpikeTimes, interval_cv

__all__ = ["SpikeTimes", "interval_cv"]
