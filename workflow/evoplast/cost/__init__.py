"""What a search costs: a plan from measured speeds, benchmarks, projections.

In: worlds, settings of a search, sizes of networks. Out: seconds and bytes, by part.
"""

from evoplast.cost.plan_cost import Speed, measure_speed

__all__ = [
    "Speed",
    "measure_speed",
]
