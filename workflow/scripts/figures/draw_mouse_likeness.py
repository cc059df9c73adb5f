"""Draw the figure mouse likeness."""

from evoplast.figures import mouse_likeness
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    mouse_likeness.draw(snakemake.input, snakemake.output, dpi)
