"""Figures of the report, drawn from artefacts only; one module a figure.

Every module has ``draw(inputs, outputs, dpi)``: ``inputs`` has one path (or list of
paths) per attribute, ``outputs`` has ``pdf`` and ``png``. The same artefacts give the
same bytes.
"""
