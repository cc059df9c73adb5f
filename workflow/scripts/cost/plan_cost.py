"""Measure the speed of this machine; say what the run will cost."""

import sys
from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.artefacts.atomic import atomic_path
    from evoplast.configuration.settings import filled
    from evoplast.cost.plan_cost import (
        cost_text,
        measure_speed,
        planned_work,
        with_hours,
    )
    from evoplast.evaluation.files import open_worlds
    from evoplast.search import SearchSettings

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    (world,) = open_worlds([source.network], source.stimuli, mouse, config).values()
    search = filled(SearchSettings, config["search"], config["task"])
    speed = measure_speed(world, search, **config["plan_cost"])
    table = with_hours(planned_work(config), speed, config["search"])
    text = cost_text(table, speed, config["run"])
    with atomic_path(snakemake.output.plan) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")
    sys.stdout.write(text)
