"""Compare one unplastic network with the mouse: rates, intervals, tuning."""

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
    from evoplast.working_point.mouse_likeness import (
        MEASURES,
        LikenessSettings,
        mouse_likeness,
    )
    from evoplast.working_point.probe import Probe
    from evoplast.working_point.published_model import (
        read_published_rates,
        with_published_rates,
    )

    config, source = snakemake.params.settings, snakemake.input
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    mode = snakemake.wildcards.lgn_mode
    network = read_network(source.network)
    mouse = Path(source.mouse[0]).parent
    types, cells = mouse_likeness(
        Probe(
            network,
            {stimuli.name: stimuli for stimuli in map(read_stimuli, source.stimuli)},
            filled(InputSettings, config["input"], config["task"], {"lgn_mode": mode}),
            filled(SimulationSettings, config["simulation"]),
        ),
        filled(LikenessSettings, config["mouse_likeness"], config["task"]),
        {name: read_mouse_reference(mouse, network, name) for name in MEASURES},
        named_seed(config["seed"], "mouse likeness", size, instance),
        log_path=snakemake.log[0],
    )
    types = with_published_rates(types, read_published_rates(source.published[0]))
    outputs = (snakemake.output.types, snakemake.output.cells)
    for path, table in zip(outputs, (types, cells), strict=True):
        named = table.assign(n_neurons=size, instance=instance, lgn_mode=mode)
        write_table(path, named, provenance)
