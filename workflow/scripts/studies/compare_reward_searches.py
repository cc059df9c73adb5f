"""Compare searches with and without terms of the reward."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.studies.reward_search import compare_reward

    choices, cells, rules = (
        pd.concat(map(read_table, snakemake.input[name]), ignore_index=True)
        for name in ("choices", "cells", "rules")
    )
    seed = snakemake.params.settings["seed"]
    table = compare_reward(choices, cells, rules, seed)
    write_table(snakemake.output.table, table, provenance)
