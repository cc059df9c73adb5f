"""Measure the proof's choices again, changes and repeats in random order."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.reevaluation import ReevaluationSettings
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import dataset_to_genomes
    from evoplast.studies.proof_order import rules_compared, score_again
    from evoplast.studies.search_proof import plan_proof

    config, source = snakemake.params.settings, snakemake.input
    search = int(snakemake.wildcards.seed)
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    worlds = open_worlds(source.unseen, *where)
    proof = config["search_proof"]
    measuring = filled(
        ReevaluationSettings,
        *(proof, config["task"]),
        seen_instances=proof["selection_instances"],
    )
    _, genomes = dataset_to_genomes(read_dataset(source.parameters))
    table = score_again(
        rules_compared(read_table(source.choices)),
        genomes,
        plan_proof(worlds, worlds, measuring, config["seed"], search),
        measuring,
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.cells, table.assign(search_seed=search), provenance)
