"""Draw the figure rule frequency."""

from evoplast.figures import rule_frequency

from evoplast.artefacts.script import job

with job(snakemake):
    rule_frequency.draw(snakemake.input, snakemake.output)
