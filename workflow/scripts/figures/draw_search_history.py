"""Draw the figure search history."""

from evoplast.figures import search_history
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    search_history.draw(snakemake.input, snakemake.output, dpi)
