"""Draw the figure cross scale."""

from evoplast.figures import cross_scale
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    cross_scale.draw(snakemake.input, snakemake.output, dpi)
