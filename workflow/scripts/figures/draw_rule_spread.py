"""Draw the figure rule_spread."""

from evoplast.figures import rule_spread
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    rule_spread.draw(snakemake.input, snakemake.output, dpi)
