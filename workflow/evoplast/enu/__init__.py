"""Evolvable neural units: recurrent cells whose weights are evolved.

The second system of the library (Bertens and Lee, Nature Machine Intelligence 2,
791-799, 2020): cells, the evolution strategy, single-unit tasks, mazes, and the
network of units that lives in them. Knows nothing but ``artefacts``.
"""
