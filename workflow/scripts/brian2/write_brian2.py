"""Write plastic trials of a rule in a network for Brian2, with evoplast's results."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.seeds import named_seed
    from evoplast.atlas import rule_called, rules_of_run
    from evoplast.brian2_runs import (
        first_training_trials,
        record_learning,
        write_brian2,
    )
    from evoplast.evaluation.files import open_worlds

    config, source = snakemake.params.settings, snakemake.input
    names = snakemake.wildcards
    entry = rule_called(rules_of_run(source), names.rule_key)
    mouse = Path(source.mouse[0]).parent
    worlds = open_worlds([source.network], [source.stimuli], mouse, config)
    ((instance, world),) = worlds.items()
    seed = named_seed(config["seed"], "brian2", instance)
    drive = first_training_trials(world, names.stimulus_set, seed, int(names.trials))
    learning = record_learning(world, entry.genome, drive)
    write_brian2(snakemake.output.folder, learning, provenance)
