"""Evaluate the leading rules in networks of other sizes."""

from evoplast.analysis.scale import CrossScaleSettings, cross_scale
from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table, write_table
from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds
from evoplast.rules import dataset_to_genomes

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    space, genomes = dataset_to_genomes(read_dataset(source.parameters))
    table = cross_scale(
        open_worlds(source.networks, source.stimuli, source.mouse, config),
        space,
        read_table(source.rules),
        genomes,
        filled(CrossScaleSettings, config["task"], config["cross_scale"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.scales, table, provenance)
