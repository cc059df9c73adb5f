"""Project the weight changes of an evolved synapse on the 25 terms of a rule."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.analysis.enu_projection import project_recording
    from evoplast.artefacts.netcdf import read_dataset, write_dataset

    recording = read_dataset(snakemake.input.recording)
    write_dataset(snakemake.output.projection, project_recording(recording), provenance)
