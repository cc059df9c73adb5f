"""Draw the figure rule frequency."""

from evoplast.artefacts.script import job
from evoplast.figures import rule_frequency

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    rule_frequency.draw(snakemake.input, snakemake.output, dpi)
