"""The structure of what searches find: which synapses, and do formulas matter?

In: what searches ended with, worlds, settings. Out: tables and datasets of coefficients
beside their prior, and of distances between rules in formula and in behaviour.
"""

from evoplast.structure.compared import compared_rules
from evoplast.structure.degeneracy import degeneracy_tables
from evoplast.structure.distances import behaviour_distances
from evoplast.structure.ends import classes_of, search_ends, synapse_counts
from evoplast.structure.heterogeneity import SearchEnd, heterogeneity
from evoplast.structure.layout import structure_table

__all__ = [
    "SearchEnd",
    "behaviour_distances",
    "classes_of",
    "compared_rules",
    "degeneracy_tables",
    "heterogeneity",
    "search_ends",
    "structure_table",
    "synapse_counts",
]
