"""Measure the working point: rates, signal of the task, reach of random rules."""

from evoplast.analysis.calibration import CalibrationSettings, calibrate
from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds, rule_space

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    worlds = open_worlds(source.networks, source.stimuli, source.mouse, config)
    dataset = calibrate(
        worlds,
        rule_space(worlds, config),
        filled(CalibrationSettings, config["calibration"], config["task"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_dataset(snakemake.output.calibration, dataset, provenance)
