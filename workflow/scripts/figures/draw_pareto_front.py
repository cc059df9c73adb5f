"""Draw the figure pareto front."""

from evoplast.figures import pareto_front
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    pareto_front.draw(snakemake.input, snakemake.output, dpi)
