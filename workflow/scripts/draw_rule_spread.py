"""Draw the figure rule_spread."""

from evoplast.artefacts.script import job
from evoplast.figures import rule_spread

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    rule_spread.draw(snakemake.input, snakemake.output, dpi)
