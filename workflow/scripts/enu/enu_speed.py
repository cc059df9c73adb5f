"""Time one generation of the STDP experiment and of the T-maze."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.enu.speed import benchmark

    settings = snakemake.params.settings["enu"]
    sizes = {name: tuple(size) for name, size in settings["speed"].items()}
    write_table(
        snakemake.output.speed, benchmark(sizes, settings["maze_block"]), provenance
    )
