"""Draw the figure rule frequency."""

from evoplast.figures import rule_frequency
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    rule_frequency.draw(snakemake.input, snakemake.output, dpi)
