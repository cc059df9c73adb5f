"""Draw the figure calibration scan."""

from evoplast.figures import calibration_scan
from evoplast.jobs.script import job

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    calibration_scan.draw(snakemake.input, snakemake.output, dpi)
