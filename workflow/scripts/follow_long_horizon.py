"""Follow the leading rules through more training than the search used."""

from evoplast.analysis.stability import LongHorizonSettings, long_horizon
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.artefacts.parquet import read_table
from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds
from evoplast.rules import dataset_to_genomes

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    space, genomes = dataset_to_genomes(read_dataset(source.parameters))
    dataset = long_horizon(
        open_worlds(source.networks, source.stimuli, source.mouse, config),
        space,
        read_table(source.rules),
        genomes,
        filled(LongHorizonSettings, config["task"], config["long_horizon"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_dataset(snakemake.output.horizon, dataset, provenance)
