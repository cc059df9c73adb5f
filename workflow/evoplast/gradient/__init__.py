"""Surrogate-gradient training of the same network on the same task."""

from evoplast.configuration.sections.gradient import GradientSettings
from evoplast.gradient.train import make_problem, train, train_all

__all__ = [
    "GradientSettings",
    "make_problem",
    "train",
    "train_all",
]
