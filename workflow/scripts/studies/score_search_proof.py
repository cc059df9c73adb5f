"""Measure the rules of both family searches, swarm, chance and literature alike."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.baselines import BaselineSettings, draw_rules
    from evoplast.analysis.reevaluation import ReevaluationSettings
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.rules import genomes_to_dataset
    from evoplast.search.populations import read_populations
    from evoplast.studies import proof_arms as arms
    from evoplast.studies.search_proof import plan_proof, score_search

    config, source = snakemake.params.settings, snakemake.input
    search, seed = int(snakemake.wildcards.seed), config["seed"]
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    selection = open_worlds(source.selection, *where)
    unseen = open_worlds(source.unseen, *where)
    world, screening = selection[0], read_table(source.screening)
    proof = config["search_proof"]
    drawing = filled(
        BaselineSettings,
        *(config["baselines"], config["search"], config["task"]),
        random_rules=len(screening),
    )
    drawn = draw_rules(world.rule_space, drawing, arms.proof_seed(seed, search))
    measuring = filled(
        ReevaluationSettings,
        *(proof, config["task"]),
        seen_instances=proof["selection_instances"],
    )
    scored = score_search(
        {
            arms.FAMILIES: read_populations(source.families)[0],
            arms.FREE: read_populations(source.free)[0],
            arms.SWARM: read_populations([source.swarm])[0],
            arms.RANDOM: arms.screened_population(drawn, screening, search),
        },
        plan_proof(selection, unseen, measuring, seed, search),
        world.rule_space,
        filled(arms.ProofSettings, proof, config["search"]),
        measuring,
        log_path=snakemake.log[0],
    )
    for name in ("rules", "choices", "cells"):
        write_table(snakemake.output[name], getattr(scored, name), provenance)
    named = genomes_to_dataset(world.rule_space, scored.genomes, world.cell_types.names)
    write_dataset(snakemake.output.parameters, named, provenance)
