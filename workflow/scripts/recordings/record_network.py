"""Record the chosen rules on one network: spikes of the test, weights in training."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.behaviour import read_representatives
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.recordings import RecordSettings, record_network, recording_dataset
    from evoplast.recordings.weights import weight_tables

    config, source = snakemake.params.settings, snakemake.input
    instance, mouse = snakemake.params.instance, Path(source.mouse[0]).parent
    named = read_representatives(source.rules, source.parameters).named
    (world,) = open_worlds([source.network], source.stimuli, mouse, config).values()
    trained = record_network(
        world,
        named,
        config["task"]["training_trials"],
        filled(RecordSettings, config["recordings"]),
        named_seed(config["seed"], "recordings", instance),
    )
    spikes = recording_dataset(trained, world, named, instance)
    write_dataset(snakemake.output.spikes, spikes, provenance)
    tables = weight_tables(trained, world, named, instance)
    for name in ("pairs", "drift", "shapes"):
        write_table(snakemake.output[name], getattr(tables, name), provenance)
