"""Animate lives in a maze."""

from evoplast.figures import enu_rollout
from evoplast.jobs.script import job

with job(snakemake):
    enu_rollout.animate(snakemake.input, snakemake.output.gif)
