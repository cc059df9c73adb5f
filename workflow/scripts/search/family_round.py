"""Run a part of one round of the family search."""

from pathlib import Path

from evoplast.artefacts.identity import input_digests
from evoplast.configuration.settings import filled
from evoplast.evaluation.files import LazyWorlds
from evoplast.jobs.script import job
from evoplast.search.families import FamilySearch, FamilySettings
from evoplast.search.families.stage import run_part

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    names, seed = snakemake.wildcards, int(snakemake.wildcards.seed)
    settings = filled(FamilySettings, config["families"], config["task"])
    networks = sorted(Path(source.networks).glob("*.nc"))
    mouse = Path(source.mouse[0]).parent
    worlds = LazyWorlds(dict(enumerate(networks)), source.stimuli, mouse, config)
    search = FamilySearch(worlds[0].rule_space, settings, config["seed"], seed)
    number = int(names.round)
    first = search.first_generation(number)
    own = networks[first : first + settings.rounds[number][1]]
    read = input_digests([*own, *source.stimuli, *source.mouse])
    run_part(
        search,
        number,
        (int(names.part), snakemake.params.parts),
        source.get("previous", []),
        worlds,
        snakemake.output.state,
        {**provenance, "inputs": read},
        log_path=snakemake.log[0],
    )
