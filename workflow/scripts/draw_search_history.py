"""Draw the figure search history."""

from evoplast.artefacts.script import job
from evoplast.figures import search_history

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_history.draw(snakemake.input, snakemake.output, dpi)
