"""Draw the figure network."""

from evoplast.artefacts.script import job
from evoplast.figures import network

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    network.draw(snakemake.input, snakemake.output, dpi)
