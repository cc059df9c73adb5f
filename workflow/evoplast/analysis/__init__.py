"""The story: baselines, Pareto filter, comparison, frequencies, stability, scales.

In: worlds (a network with its inputs), genomes of rules, frozen settings. Out:
tables and datasets of the stages' artefacts; nothing here reads or writes files.
"""
