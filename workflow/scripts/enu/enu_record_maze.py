"""Record lives in a maze: of an evolved network and of the learning policy."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.enu.recording import read_centres, record_network, record_policy

    name, seed = snakemake.wildcards.experiment, snakemake.params.settings["seed"]
    cell = snakemake.params.settings["cell"]
    centres, generations = read_centres(name, cell, [snakemake.input.segment])
    network = record_network(name, cell, centres[0], seed)
    network = network.assign_attrs(cell=cell, generations=generations[0])
    write_dataset(snakemake.output.network, network, provenance)
    write_dataset(
        snakemake.output.policy, record_policy(name, "learner", seed), provenance
    )
