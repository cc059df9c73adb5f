"""Draw one figure: the module of that name, from the artefacts it asks for."""

from importlib import import_module

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.figures import write_captioned

    source, drawn = snakemake.input, snakemake.output
    figure = import_module(f"evoplast.{snakemake.params.module.replace('/', '.')}")
    figure.draw(source, drawn, snakemake.params.settings["figures"]["dpi"])
    write_captioned(drawn.png, source.caption, drawn.page, snakemake.params.title)
