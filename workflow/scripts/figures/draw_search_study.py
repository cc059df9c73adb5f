"""Draw the figure of one study of the search."""

from importlib import import_module

from evoplast.jobs.script import job

with job(snakemake):
    figure = import_module(f"evoplast.figures.{snakemake.wildcards.study}")
    dpi = snakemake.params.settings["figures"]["dpi"]
    figure.draw(snakemake.input, snakemake.output, dpi)
