"""Run one segment of a search: some generations from the state before them."""

from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds, rule_space
from evoplast.search.segments import SearchSettings, run_segment

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    worlds = open_worlds(source.networks, source.stimuli, source.mouse, config)
    run_segment(
        worlds,
        rule_space(worlds, config),
        filled(SearchSettings, config["search"], config["task"]),
        seed=config["seed"],
        search_seed=int(snakemake.wildcards.seed),
        segment=int(snakemake.wildcards.segment),
        previous=source.get("previous"),
        state=snakemake.output.state,
        provenance=provenance,
        log_path=snakemake.log[0],
    )
