"""Draw the figure long horizon."""

from evoplast.artefacts.script import job
from evoplast.figures import long_horizon

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    long_horizon.draw(snakemake.input, snakemake.output, dpi)
