"""Draw the figure pareto front."""

from evoplast.artefacts.script import job
from evoplast.figures import pareto_front

with job(snakemake):
    pareto_front.draw(snakemake.input, snakemake.output)
