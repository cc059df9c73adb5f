"""Run one segment of a search: some generations from the state before them."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.identity import input_digests
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import LazyWorlds
    from evoplast.search.segments import SearchSettings, SwarmSearch, run_segment
    from evoplast.search.stage_files import StageFiles

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    networks = sorted(Path(source.networks).glob("*.nc"))
    worlds = LazyWorlds(dict(enumerate(networks)), source.stimuli, mouse, config)
    read = input_digests([*source.stimuli, *source.mouse])
    before = source.get("previous")
    previous = [before] if before else []
    run_segment(
        SwarmSearch(
            worlds[0].rule_space,
            filled(SearchSettings, config["search"], config["task"]),
            config["seed"],
            int(snakemake.wildcards.seed),
        ),
        worlds,
        int(snakemake.wildcards.segment),
        StageFiles(snakemake.output.state, previous, snakemake.log[0]),
        {**provenance, "inputs": read, "networks": input_digests(networks)},
    )
