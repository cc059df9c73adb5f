"""Say over networks what the delay tells of images, and what remembers them."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.configuration.settings import filled
    from evoplast.recordings.working_memory import (
        MemorySettings,
        input_or_network,
        memory_table,
    )

    config, output = snakemake.params.settings, snakemake.output
    settings = filled(MemorySettings, config["recordings"])
    decoded, delay = (
        pd.concat(map(read_table, snakemake.input[name]), ignore_index=True)
        for name in ("decoded", "delay")
    )
    late = (decoded, config["task"]["image_ms"], settings)
    seed = named_seed(config["seed"], "working memory")
    write_table(output.memory, memory_table(*late, seed), provenance)
    write_table(output.source, input_or_network(*late), provenance)
    write_table(output.decoded, decoded, provenance)
    write_table(output.delay, delay, provenance)
