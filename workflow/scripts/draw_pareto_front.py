"""Draw the figure pareto front."""

from evoplast.figures import pareto_front

from evoplast.artefacts.script import job

with job(snakemake):
    pareto_front.draw(snakemake.input, snakemake.output)
