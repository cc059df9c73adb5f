"""Draw the figure pareto front."""

from evoplast.artefacts.script import job
from evoplast.figures import pareto_front

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    pareto_front.draw(snakemake.input, snakemake.output, dpi)
