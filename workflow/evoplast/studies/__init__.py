"""Studies of the search: its proof, its variants, benchmarks, what it can know.

In: worlds, settings of searches, results of searches. Out: tables that say whether the
search beats chance, what its parts are worth and how much a measurement tells.
"""
