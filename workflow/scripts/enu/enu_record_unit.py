"""Record what evolved units do, at the stages that the segments left."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.netcdf import write_dataset
    from evoplast.enu.recording import read_centres, record_unit

    name, settings = snakemake.wildcards.experiment, dict(snakemake.params.settings)
    size = {key: settings[key] for key in ("population", "environments")}
    centres, generations = read_centres(name, "enu", snakemake.input.segments)
    recording = record_unit(name, "enu", centres, generations, settings["seed"])
    recording = recording.assign_attrs(size)
    write_dataset(snakemake.output.recording, recording, provenance)
