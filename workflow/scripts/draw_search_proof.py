"""Draw the figure search proof."""

from evoplast.artefacts.script import job
from evoplast.figures import search_proof

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_proof.draw(snakemake.input, snakemake.output, dpi)
