"""Animate lives in a maze."""

from evoplast.artefacts.script import job
from evoplast.figures import enu_rollout

with job(snakemake):
    enu_rollout.animate(snakemake.input, snakemake.output.gif)
