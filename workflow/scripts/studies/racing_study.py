"""Measure what stopping candidates early saves and whether it changes a selection."""

import sys
from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.studies.racing_study import (
        RacingStudySettings,
        racing_study,
        study_text,
    )

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    (world,) = open_worlds([source.network], source.stimuli, mouse, config).values()
    sections = (config["search"], config["task"], config["racing_study"])
    settings = filled(RacingStudySettings, *sections)
    table = racing_study(world, settings, config["seed"], log_path=snakemake.log[0])
    write_table(snakemake.output.table, table, provenance)
    sys.stdout.write(study_text(table) + "\n")
