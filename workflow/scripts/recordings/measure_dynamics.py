"""Measure the dimension of activity and how far images and changes lie apart."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.recordings import read_recordings
    from evoplast.recordings.dynamics import dynamics_of, dynamics_table, paths

    config, output = snakemake.params.settings, snakemake.output
    window_ms, image_ms = config["recordings"]["window_ms"], config["task"]["image_ms"]
    recordings = read_recordings(snakemake.input.spikes)
    found = [dynamics_of(recorded, window_ms) for recorded in recordings]
    dimensions, over_time = map(pd.concat, zip(*found, strict=True))
    seed = named_seed(config["seed"], "dynamics")
    tests = dynamics_table(dimensions, over_time, image_ms, seed)
    write_table(output.tests, tests, provenance)
    write_table(output.dimensions, dimensions, provenance)
    write_table(output.over_time, over_time, provenance)
    path = paths(recordings[0], window_ms, recordings[0].rules)
    write_table(output.paths, path, provenance)
