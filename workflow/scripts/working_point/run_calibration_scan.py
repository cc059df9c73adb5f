"""Scan inputs and gains on one unplastic network."""

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
    from evoplast.working_point.calibration_scan import ScanSettings, scan_network
    from evoplast.working_point.probe import Probe

    config, source = snakemake.params.settings, snakemake.input
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    network = read_network(source.network)
    tables = scan_network(
        Probe(
            network,
            {stimuli.name: stimuli for stimuli in map(read_stimuli, source.stimuli)},
            filled(InputSettings, config["input"], config["task"]),
            filled(SimulationSettings, config["simulation"]),
        ),
        filled(
            ScanSettings,
            *(config["calibration_scan"], config["calibration"], config["task"]),
            n_trials=snakemake.params.n_trials,
            reference_target_hz=config["input"]["drive_target_hz"],
        ),
        read_mouse_reference(Path(source.mouse[0]).parent, network),
        named_seed(config["seed"], "calibration scan", size, instance),
        log_path=snakemake.log[0],
    )
    outputs = (snakemake.output.signal, snakemake.output.rates)
    for path, table in zip(outputs, tables, strict=True):
        named = table.assign(n_neurons=size, instance=instance)
        write_table(path, named, provenance)
