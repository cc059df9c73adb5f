"""Analyses: calibration, baselines, Pareto filter, frequencies, scales, statistics.

In: worlds (a network with its inputs), genomes of rules, frozen settings. Out:
tables and datasets of the stages' artefacts; nothing here reads or writes files.
"""
