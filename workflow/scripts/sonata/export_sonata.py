"""Write one network as a SONATA circuit for other simulators."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.network import read_network
    from evoplast.sonata import write_sonata

    network = read_network(snakemake.input.network)
    write_sonata(snakemake.output.folder, network, provenance)
