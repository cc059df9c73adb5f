"""Copy the figures of docs/paper.md under the numbers of their claims."""

import shutil

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.artefacts.atomic import atomic_path

    for drawn, numbered in zip(snakemake.input.drawn, snakemake.output, strict=True):
        with atomic_path(numbered) as temporary:
            shutil.copyfile(drawn, temporary)
