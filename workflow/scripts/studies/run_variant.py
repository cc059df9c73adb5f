"""Run one small search under changed conditions and measure its rules again."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.search import SearchSettings
    from evoplast.studies.search_variants import VariantSettings, run_variant

    config, source = snakemake.params.settings, snakemake.input
    plan, names = snakemake.params.plan, snakemake.wildcards
    where = (source.stimuli, Path(source.mouse[0]).parent, config)
    seen = open_worlds(source.seen, *where)
    unseen = open_worlds(source.unseen, *where)
    study = config["search_studies"]
    search = {**config["search"], "control_rules": study["control_rules"]}
    search |= {"population": study["population"], **plan["search"]}
    tables = run_variant(
        Measurement(
            seen,
            unseen,
            filled(ReevaluationSettings, study, config["task"]),
            config["seed"],
            snakemake.log[0],
        ),
        seen[0].rule_space,
        filled(SearchSettings, search, config["task"]),
        filled(VariantSettings, config["baselines"], study, plan["variant"]),
        int(names.seed),
    )
    about = {"variant": names.variant, "search_seed": int(names.seed)}
    sizes = {
        "n_neurons": seen[0].network.n_neurons,
        "n_networks_used": len(seen),
    }
    for kind, table in zip(("rules", "cells", "history"), tables, strict=True):
        table = table.assign(**about, **(sizes if kind == "rules" else {}))
        write_table(snakemake.output[kind], table, provenance)
