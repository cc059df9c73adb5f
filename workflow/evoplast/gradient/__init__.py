"""Surrogate-gradient training of the same network on the same task."""

from evoplast.gradient.settings import GradientSettings, check_settings
from evoplast.gradient.train import make_problem, train, train_all

__all__ = [
    "GradientSettings",
    "check_settings",
    "make_problem",
    "train",
    "train_all",
]
