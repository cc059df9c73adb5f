"""Animate lives in a maze."""

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.enu_figures import rollout

    rollout.animate(snakemake.input, snakemake.output.gif)
