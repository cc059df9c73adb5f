"""Say what each choice of the scan is worth, over paired networks."""

from evoplast.artefacts.parquet import read_table, write_table
from evoplast.jobs.script import job
from evoplast.working_point.scan_differences import differences

with job(snakemake) as provenance:
    task = snakemake.params.settings["task"]
    window = (task["window_start_ms"], task["window_end_ms"])
    table = differences(read_table(snakemake.input.signal), window)
    write_table(snakemake.output.differences, table, provenance)
