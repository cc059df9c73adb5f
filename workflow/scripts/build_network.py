"""Build one network: the cells nearest the axis and their connections."""

from pathlib import Path

from evoplast.artefacts.script import job
from evoplast.network import build_network, read_allen_tables, write_network

with job(snakemake) as provenance:
    config = snakemake.params.settings
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    network = build_network(
        read_allen_tables(Path(snakemake.input.tables[0]).parent),
        size,
        config["seed"],
        instance,
        config["network"]["min_cells_per_type"],
    )
    made_from = {**provenance, "n_neurons": size, "instance": instance}
    write_network(snakemake.output.network, network, made_from)
