"""Measure the rules of the family searches with and without reward alike."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.reevaluation import ReevaluationSettings
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search.populations import read_populations
    from evoplast.studies import proof_arms as arms
    from evoplast.studies.search_proof import plan_proof, score_search

    config, source = snakemake.params.settings, snakemake.input
    search, seed = int(snakemake.wildcards.seed), config["seed"]
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    selection = open_worlds(source.selection, *where)
    unseen = open_worlds(source.unseen, *where)
    proof = config["search_proof"]
    measuring = filled(
        ReevaluationSettings,
        *(proof, config["task"]),
        seen_instances=proof["selection_instances"],
    )
    scored = score_search(
        {
            arms.FAMILIES: read_populations(source.families)[0],
            arms.REWARD_FREE: read_populations(source.reward_free)[0],
        },
        plan_proof(selection, unseen, measuring, seed, search),
        selection[0].rule_space,
        filled(arms.ProofSettings, proof, config["search"]),
        measuring,
        log_path=snakemake.log[0],
    )
    for name in ("rules", "choices", "cells"):
        write_table(snakemake.output[name], getattr(scored, name), provenance)
