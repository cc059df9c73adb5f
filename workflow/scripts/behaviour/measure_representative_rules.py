"""Measure the representative rules on networks never used."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.behaviour import (
        CellPlan,
        read_published,
        read_representatives,
        representative_rules,
        with_published,
    )
    from evoplast.evaluation.files import open_worlds

    config, source = snakemake.params.settings, snakemake.input
    own, mouse = config["representative_rules"], Path(source.mouse[0]).parent
    chosen = read_representatives(source.table, source.parameters)
    plan = CellPlan(
        open_worlds(source.networks, source.stimuli, mouse, config),
        config["task"]["training_trials"],
        own["test_trials"],
        own["sequences"],
        config["seed"],
        "representative rules",
        log_path=snakemake.log[0],
    )
    table, cells = representative_rules(chosen, plan)
    table = with_published(table, read_published(source.published[0]))
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.cells, cells, provenance)
