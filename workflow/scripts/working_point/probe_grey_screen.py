"""Ask of one unplastic network why its cells fire or not on a grey screen."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.configuration.settings import filled
    from evoplast.network import read_network
    from evoplast.objectives import read_mouse_reference
    from evoplast.simulator import SimulationSettings
    from evoplast.stimuli import InputSettings, read_stimuli
    from evoplast.working_point.grey_screen import GreySettings, grey_screen

    config, source = snakemake.params.settings, snakemake.input
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    network = read_network(source.network)
    table = grey_screen(
        network,
        read_stimuli(source.stimuli),
        filled(InputSettings, config["input"], config["task"]),
        filled(SimulationSettings, config["simulation"]),
        filled(GreySettings, config["mouse_likeness"]),
        read_mouse_reference(Path(source.mouse[0]).parent, network, "spontaneous"),
        named_seed(config["seed"], "mouse likeness", size, instance),
    )
    named = table.assign(n_neurons=size, instance=instance)
    write_table(snakemake.output.grey, named, provenance)
