"""Draw the figure network."""

from evoplast.artefacts.script import job
from evoplast.figures import network

with job(snakemake):
    network.draw(snakemake.input, snakemake.output)
