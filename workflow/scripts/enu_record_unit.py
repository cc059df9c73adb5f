"""Record what evolved units do, at the stages that the segments left."""

from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.script import job
from evoplast.enu.recording import read_centres, record_unit

with job(snakemake) as provenance:
    name, seed = snakemake.wildcards.experiment, snakemake.params.settings["seed"]
    centres, generations = read_centres(name, "enu", snakemake.input.segments)
    recording = record_unit(name, "enu", centres, generations, seed)
    write_dataset(snakemake.output.recording, recording, provenance)
