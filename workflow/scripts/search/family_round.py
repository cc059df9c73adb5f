"""Run a part of one round of the family search."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.identity import input_digests
    from evoplast.configuration.sections.search import ExtraObjectives
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import LazyWorlds
    from evoplast.search.families import FamilySearch, FamilySettings
    from evoplast.search.families.stage import run_part
    from evoplast.search.stage_files import StageFiles

    config, source = snakemake.params.settings, snakemake.input
    names, seed = snakemake.wildcards, int(snakemake.wildcards.seed)
    settings = filled(FamilySettings, config["families"], config["task"])
    number = int(names.round)
    networks = sorted(Path(source.networks).glob("*.nc"))
    read = input_digests([*source.stimuli, *source.mouse])
    first = sum(n for _, n, _ in settings.rounds[:number])
    by_generation = dict(enumerate(networks, start=first))
    mouse = Path(source.mouse[0]).parent
    worlds = LazyWorlds(by_generation, source.stimuli, mouse, config)
    space = worlds[first].rule_space
    extras = filled(ExtraObjectives, config["search"])
    search = FamilySearch(space, settings, config["seed"], seed, extras=extras)
    run_part(
        search,
        number,
        (int(names.part), snakemake.params.parts),
        worlds,
        StageFiles(
            snakemake.output.state, source.get("previous", []), snakemake.log[0]
        ),
        {**provenance, "inputs": read, "networks": input_digests(networks)},
    )
