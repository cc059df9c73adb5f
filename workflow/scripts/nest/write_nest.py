"""Write a few trials of one network for NEST, with evoplast's spikes to compare."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.seeds import named_seed
    from evoplast.evaluation.files import open_worlds
    from evoplast.nest_export import record_experiment, write_nest

    config, source = snakemake.params.settings, snakemake.input
    task, n_trials = snakemake.wildcards.stimulus_set, int(snakemake.wildcards.trials)
    mouse = Path(source.mouse[0]).parent
    worlds = open_worlds([source.network], [source.stimuli], mouse, config)
    ((instance, world),) = worlds.items()
    seed = named_seed(config["seed"], "nest", instance)
    experiment = record_experiment(world, task, seed, n_trials)
    write_nest(snakemake.output.folder, experiment, provenance)
