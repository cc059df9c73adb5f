"""Measure the working point: rates, signal of the task, reach of random rules."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import open_worlds
    from evoplast.working_point.calibration import CalibrationSettings, calibrate

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    worlds = open_worlds(source.networks, source.stimuli, mouse, config)
    dataset = calibrate(
        worlds,
        worlds[0].rule_space,
        filled(
            CalibrationSettings,
            *(config["task"], config["plasticity"], config["search"]),
            config["calibration"],
        ),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_dataset(snakemake.output.calibration, dataset, provenance)
