"""Draw the figure calibration scan."""

from evoplast.artefacts.script import job
from evoplast.figures import calibration_scan

with job(snakemake):
    dpi = snakemake.params.settings["figures"]["dpi"]
    calibration_scan.draw(snakemake.input, snakemake.output, dpi)
