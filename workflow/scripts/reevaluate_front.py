"""Filter the last populations and measure what is left on networks never used."""

from evoplast.analysis.pareto import ParetoSettings, filter_and_reevaluate
from evoplast.analysis.reevaluation import ReevaluationSettings
from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds, rule_space
from evoplast.rules.files import write_rules
from evoplast.search.segments import read_population

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    seen = open_worlds(source.seen, source.stimuli, source.mouse, config)
    unseen = open_worlds(source.unseen, source.stimuli, source.mouse, config)
    table, genomes, cells = filter_and_reevaluate(
        [read_population(path) for path in source.segments],
        seen,
        unseen,
        rule_space(seen, config),
        filled(ParetoSettings, config["pareto"], config["search"]),
        filled(ReevaluationSettings, config["pareto"], config["task"]),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_rules(snakemake.output, table, genomes, cells, provenance)
