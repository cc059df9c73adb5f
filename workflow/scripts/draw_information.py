"""Draw the figure information."""

from evoplast.artefacts.script import job
from evoplast.figures import information

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    information.draw(snakemake.input, snakemake.output, dpi)
