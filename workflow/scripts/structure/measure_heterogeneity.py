"""Hold the coefficients of all searches against what they were without selection."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.network import read_network
    from evoplast.rules import RuleSpace, refuse_extra_terms
    from evoplast.structure import (
        classes_of,
        heterogeneity,
        search_ends,
        structure_table,
        synapse_counts,
    )

    config, source = snakemake.params.settings, snakemake.input
    networks, task = [read_network(path) for path in source.networks], config["task"]
    terms = tuple(config["plasticity"]["extra_terms"])
    space = RuleSpace(networks[0].n_types, task["phi_min"], task["phi_max"], terms)
    refuse_extra_terms(space, "the study of coefficients")
    ends = search_ends(space, source.searched, config)
    counts, types = synapse_counts(networks), networks[0].cell_types
    table = heterogeneity(space, types.names, ends, counts)
    tests = structure_table(space, ends, classes_of(types), counts > 0, config["seed"])
    write_table(snakemake.output.table, table, provenance)
    write_table(snakemake.output.structure, tests, provenance)
