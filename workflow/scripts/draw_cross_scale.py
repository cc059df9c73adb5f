"""Draw the figure cross scale."""

from evoplast.artefacts.script import job
from evoplast.figures import cross_scale

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    cross_scale.draw(snakemake.input, snakemake.output, dpi)
