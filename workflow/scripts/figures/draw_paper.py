"""Draw one figure of docs/paper.md for two columns of a page and for one."""

from importlib import import_module

from evoplast.jobs.script import job

with job(snakemake):
    figure = import_module(f"evoplast.{snakemake.params.module.replace('/', '.')}")
    dpi = snakemake.params.settings["figures"]["dpi"]
    figure.draw(snakemake.input, snakemake.output, dpi)
