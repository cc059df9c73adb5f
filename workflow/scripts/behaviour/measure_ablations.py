"""Measure the representative rules without parts of theirs."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.behaviour import (
        CellPlan,
        ablation_cells,
        ablations,
        list_variants,
        read_representatives,
    )
    from evoplast.configuration.sections.behaviour import AblationsSettings
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds

    config, source = snakemake.params.settings, snakemake.input
    own, mouse = config["ablations"], Path(source.mouse[0]).parent
    chosen = read_representatives(source.table, source.parameters)
    plan = CellPlan(
        open_worlds(source.networks, source.stimuli, mouse, config),
        config["task"]["training_trials"],
        own["test_trials"],
        own["sequences"],
        config["seed"],
        "ablations",
        log_path=snakemake.log[0],
    )
    settings = filled(AblationsSettings, own)
    variants, genomes = list_variants(chosen, settings, plan.seed)
    cells = ablation_cells(variants, genomes, plan, settings)
    table = ablations(variants, cells, plan.seed)
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.variants, variants, provenance)
    write_table(snakemake.output.cells, cells, provenance)
