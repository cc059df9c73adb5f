"""Draw the figure random rules."""

from evoplast.figures import random_rules

from evoplast.artefacts.script import job

with job(snakemake):
    random_rules.draw(snakemake.input, snakemake.output)
