"""Test the representative rules after a few training trials."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.behaviour import (
        CellPlan,
        few_shot_cells,
        learning_curves,
        read_representatives,
        trials_to_half,
    )
    from evoplast.evaluation.files import open_worlds

    config, source = snakemake.params.settings, snakemake.input
    own, mouse = config["few_shot"], Path(source.mouse[0]).parent
    chosen = read_representatives(source.table, source.parameters)
    plan = CellPlan(
        open_worlds(source.networks, source.stimuli, mouse, config),
        own["stages"][-1],
        own["test_trials"],
        own["sequences"],
        config["seed"],
        "few shot",
        log_path=snakemake.log[0],
    )
    cells = few_shot_cells(chosen, plan, tuple(own["stages"]))
    curves = learning_curves(chosen, cells, plan.seed)
    half = trials_to_half(chosen, cells, plan.seed)
    write_table(snakemake.output.cells, cells, provenance)
    write_table(snakemake.output.curves, curves, provenance)
    write_table(snakemake.output.half, half, provenance)
