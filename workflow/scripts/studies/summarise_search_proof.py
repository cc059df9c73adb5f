"""Compare evolved with random rules over several searches."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.studies.search_proof import compare_searches, progress_of_searches

    source, out, config = snakemake.input, snakemake.output, snakemake.params.settings
    tables = {
        name: pd.concat(map(read_table, source[name]), ignore_index=True)
        for name in ("rules", "cells", "formulas", "luck")
    }
    for name, table in tables.items():
        write_table(out[name], table, provenance)
    histories = dict(enumerate(map(read_table, source.histories)))
    comparison = compare_searches(tables["cells"], config["seed"])
    write_table(out.comparison, comparison, provenance)
    # Over whole turns of the networks: a search does better on some than on others.
    used = config["search"]["instances_per_generation"]
    turn = -(-config["network"]["training_instances"] // used)
    write_table(out.progress, progress_of_searches(histories, turn), provenance)
