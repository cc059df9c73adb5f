"""Draw the figure cross scale."""

from evoplast.figures import cross_scale

from evoplast.artefacts.script import job

with job(snakemake):
    cross_scale.draw(snakemake.input, snakemake.output)
