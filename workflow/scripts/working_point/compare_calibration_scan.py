"""Say what each choice of the scan is worth, over paired networks."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.working_point.scan_differences import differences

    task = snakemake.params.settings["task"]
    window = (task["window_start_ms"], task["window_end_ms"])
    table = differences(read_table(snakemake.input.signal), window)
    write_table(snakemake.output.differences, table, provenance)
