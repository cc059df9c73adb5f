"""Draw the figure search ablation."""

from evoplast.artefacts.script import job
from evoplast.figures import search_ablation

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_ablation.draw(snakemake.input, snakemake.output, dpi)
