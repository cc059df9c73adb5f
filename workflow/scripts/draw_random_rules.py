"""Draw the figure random rules."""

from evoplast.artefacts.script import job
from evoplast.figures import random_rules

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    random_rules.draw(snakemake.input, snakemake.output, dpi)
