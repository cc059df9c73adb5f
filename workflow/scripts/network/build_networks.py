"""Build the networks of a part of a search, one for each of its generations."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.configuration.settings import filled
    from evoplast.network import build_network, read_allen_tables, write_network
    from evoplast.sonata import Draw, SonataSettings, read_circuit

    config, size = snakemake.params.settings, snakemake.params.n_neurons
    tables = read_allen_tables(Path(snakemake.input.tables[0]).parent)
    fewest = config["network"]["min_cells_per_type"]
    for number, instance in enumerate(snakemake.params.instances):
        if config["network"]["source"] == "sonata":
            settings = filled(SonataSettings, config["network"]["sonata"])
            draw = Draw(size, config["seed"], instance, fewest)
            network = read_circuit(settings, tables, draw)
        else:
            network = build_network(tables, size, config["seed"], instance, fewest)
        made_from = {**provenance, "n_neurons": size, "instance": instance}
        path = Path(snakemake.output.folder) / f"network_{number:03d}.nc"
        write_network(path, network, made_from)
