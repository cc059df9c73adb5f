"""Draw the figure random rules."""

from evoplast.artefacts.script import job
from evoplast.figures import random_rules

with job(snakemake):
    random_rules.draw(snakemake.input, snakemake.output)
