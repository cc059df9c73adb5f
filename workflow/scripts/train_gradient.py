"""Train one network with surrogate gradients; accuracy against samples seen."""

from evoplast.artefacts.parquet import write_table
from evoplast.artefacts.script import filled, job
from evoplast.gradient import GradientSettings, train
from evoplast.network import read_network
from evoplast.stimuli.files import read_stimuli

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    table = train(
        read_network(source.network),
        [read_stimuli(path) for path in source.stimuli],
        filled(GradientSettings, config["gradient"], config["task"]),
        snakemake.wildcards.optimiser,
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_table(snakemake.output.curve, table, provenance)
