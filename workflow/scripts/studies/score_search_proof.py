"""Measure evolved, random and known rules alike, on networks seen and unseen."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.baselines import BaselineSettings
    from evoplast.analysis.reevaluation import ReevaluationSettings
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search.segments import read_population
    from evoplast.studies.search_proof import (
        ProofSettings,
        best_of_population,
        formulas_of_fronts,
        luck_of_estimates,
        score_search,
    )

    config, source = snakemake.params.settings, snakemake.input
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    seen = open_worlds(source.seen, *where)
    unseen = open_worlds(source.unseen, *where)
    screening = read_table(source.screening)
    sections = (config["search"], config["search_proof"], config["baselines"])
    population, space = read_population(source.segment), seen[0].rule_space
    table, cells = score_search(
        population,
        screening,
        filled(
            BaselineSettings,
            *sections,
            config["task"],
            random_rules=len(screening),
        ),
        seen,
        unseen,
        space,
        filled(ProofSettings, *sections),
        filled(ReevaluationSettings, config["search_proof"], config["task"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.rules, table, provenance)
    write_table(snakemake.output.cells, cells, provenance)
    settings = filled(ProofSettings, *sections)
    best = best_of_population(space, population, settings)
    history = read_table(source.history)
    luck = luck_of_estimates(population, history, table, settings, best)
    write_table(snakemake.output.luck, luck, provenance)
    formulas = formulas_of_fronts([population], space)
    write_table(snakemake.output.formulas, formulas, provenance)
