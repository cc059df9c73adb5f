"""Run one segment of a search: some generations from the state before them."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.identity import input_digests
    from evoplast.configuration.settings import filled
    from evoplast.evaluation.files import LazyWorlds
    from evoplast.search.segments import SearchSettings, run_segment

    config, source = snakemake.params.settings, snakemake.input
    mouse = Path(source.mouse[0]).parent
    networks = sorted(Path(source.networks).glob("*.nc"))
    worlds = LazyWorlds(dict(enumerate(networks)), source.stimuli, mouse, config)
    read = input_digests([*source.stimuli, *source.mouse])
    run_segment(
        worlds,
        worlds[0].rule_space,
        filled(SearchSettings, config["search"], config["task"]),
        seed=config["seed"],
        search_seed=int(snakemake.wildcards.seed),
        segment=int(snakemake.wildcards.segment),
        previous=source.get("previous"),
        state=snakemake.output.state,
        provenance={**provenance, "inputs": read, "networks": input_digests(networks)},
        log_path=snakemake.log[0],
    )
