"""Animate lives in a maze."""

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.figures import enu_rollout

    enu_rollout.animate(snakemake.input, snakemake.output.gif)
