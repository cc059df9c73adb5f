"""Say over networks what learning did to the weights."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.recordings.weights import drift_table, pair_table, shape_table

    source, output = snakemake.input, snakemake.output
    seed = named_seed(snakemake.params.settings["seed"], "weights")
    pairs, drift, shapes = (
        pd.concat(map(read_table, source[name]), ignore_index=True)
        for name in ("pairs", "drift", "shapes")
    )
    write_table(output.pairs, pair_table(pairs, seed), provenance)
    write_table(output.drift, drift_table(drift), provenance)
    write_table(output.shapes, shape_table(shapes), provenance)
