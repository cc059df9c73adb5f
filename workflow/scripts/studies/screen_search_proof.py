"""Evaluate as many fresh random rules as one family search evaluates, once each."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.baselines import BaselineSettings, draw_rules, screen
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search.families import FamilySettings
    from evoplast.studies.proof_arms import proof_seed

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    worlds = open_worlds(source.networks, source.stimuli, mouse, config)
    settings = filled(
        BaselineSettings,
        config["baselines"],
        config["search"],
        config["task"],
        random_rules=filled(
            FamilySettings, config["families"], config["task"]
        ).evaluations,
    )
    seed = proof_seed(config["seed"], int(snakemake.wildcards.seed))
    drawn = draw_rules(next(iter(worlds.values())).rule_space, settings, seed)
    table = screen(worlds, drawn, settings, seed, log_path=snakemake.log[0])
    write_table(snakemake.output.screening, table, provenance)
