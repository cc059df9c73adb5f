"""What a search costs: a plan from measured speeds, benchmarks, projections.

In: worlds, settings of a search, sizes of networks. Out: seconds and bytes, by part.
"""
