"""Draw the figure gradient."""

from evoplast.figures import gradient

from evoplast.artefacts.script import job

with job(snakemake):
    gradient.draw(snakemake.input, snakemake.output)
