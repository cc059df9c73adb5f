"""Draw the figure gradient."""

from evoplast.artefacts.script import job
from evoplast.figures import gradient

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    gradient.draw(snakemake.input, snakemake.output, dpi)
