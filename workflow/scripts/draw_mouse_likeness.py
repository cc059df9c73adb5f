"""Draw the figure mouse likeness."""

from evoplast.artefacts.script import job
from evoplast.figures import mouse_likeness

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    mouse_likeness.draw(snakemake.input, snakemake.output, dpi)
