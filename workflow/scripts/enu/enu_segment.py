"""Evolve units for one segment of generations, from the state before them."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.seeds import named_seed
    from evoplast.configuration.settings import filled
    from evoplast.enu.evolution import EvolutionSettings, SegmentFiles, run_segment
    from evoplast.enu.experiments import make_experiment

    config, names = snakemake.params.settings, snakemake.wildcards
    run_segment(
        make_experiment(
            names.experiment, names.cell, config["steps"], config["maze_block"]
        ),
        filled(EvolutionSettings, config["evolution"]),
        seed=named_seed(config["seed"], "enu", int(names.seed)),
        n_generations=config["evolution"]["generations_per_segment"],
        files=SegmentFiles(
            snakemake.output.state,
            snakemake.input.get("previous"),
            snakemake.input.get("origin"),
            snakemake.log[0],
        ),
        provenance=provenance,
    )
