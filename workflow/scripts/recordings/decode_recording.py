"""Tell images and changes from the spikes of one network, time by time."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.parquet import write_table
    from evoplast.configuration.settings import filled
    from evoplast.recordings import read_recording
    from evoplast.recordings.working_memory import (
        MemorySettings,
        decoded,
        delay_activity,
    )

    recorded = read_recording(snakemake.input.spikes)
    settings = filled(MemorySettings, snakemake.params.settings["recordings"])
    write_table(snakemake.output.decoded, decoded(recorded, settings), provenance)
    delay = delay_activity(recorded, settings.window_ms)
    write_table(snakemake.output.delay, delay, provenance)
