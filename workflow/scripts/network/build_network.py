"""Build one network: the cells nearest the axis and their connections."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.configuration.settings import filled
    from evoplast.network import build_network, read_allen_tables, write_network
    from evoplast.sonata import Draw, SonataSettings, read_circuit

    config = snakemake.params.settings
    size, instance = snakemake.params.n_neurons, snakemake.params.instance
    tables = read_allen_tables(Path(snakemake.input.tables[0]).parent)
    fewest = config["network"]["min_cells_per_type"]
    if config["network"]["source"] == "sonata":
        settings = filled(SonataSettings, config["network"]["sonata"])
        training = snakemake.params.training
        draw = Draw(size, config["seed"], instance, fewest, training)
        network = read_circuit(settings, tables, draw)
    else:
        network = build_network(tables, size, config["seed"], instance, fewest)
    made_from = {**provenance, "n_neurons": size, "instance": instance}
    write_network(snakemake.output.network, network, made_from)
