"""Draw the figure gradient."""

from evoplast.artefacts.script import job
from evoplast.figures import gradient

with job(snakemake):
    gradient.draw(snakemake.input, snakemake.output)
