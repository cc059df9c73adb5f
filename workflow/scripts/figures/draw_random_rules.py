"""Draw the figure random rules."""

from evoplast.figures import random_rules
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    random_rules.draw(snakemake.input, snakemake.output, dpi)
