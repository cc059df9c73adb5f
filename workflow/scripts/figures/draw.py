"""Draw one figure: the module of that name, from the artefacts it asks for."""

from importlib import import_module

from evoplast.jobs.script import job

with job(snakemake):
    figure = import_module(f"evoplast.figures.{snakemake.params.module}")
    dpi = snakemake.params.settings["figures"]["dpi"]
    figure.draw(snakemake.input, snakemake.output, dpi)
