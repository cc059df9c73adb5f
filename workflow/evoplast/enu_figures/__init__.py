"""Figures of evolvable neural units, from their artefacts; one module a figure.

Every module has ``draw(inputs, outputs, dpi)``, as those of ``evoplast.figures``, and
takes its style from there.
"""
