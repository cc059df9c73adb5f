"""Score no plasticity and the rules of the literature."""

from evoplast.analysis.baselines import BaselineSettings, known_rules
from evoplast.analysis.reevaluation import ReevaluationSettings
from evoplast.artefacts.script import filled, job
from evoplast.evaluation.worlds import open_worlds, rule_space
from evoplast.rules.files import write_rules

with job(snakemake) as provenance:
    config, source = snakemake.params.settings, snakemake.input
    seen = open_worlds(source.seen, source.stimuli, source.mouse, config)
    unseen = open_worlds(source.unseen, source.stimuli, source.mouse, config)
    probability = config["search"]["initial_gate_probability"]
    sections = (config["baselines"], config["pareto"], config["task"])
    table, genomes, cells = known_rules(
        seen,
        unseen,
        rule_space(seen, config),
        filled(BaselineSettings, *sections, gate_probability=probability),
        filled(ReevaluationSettings, *sections),
        config["seed"],
        log_path=snakemake.log[0],
    )
    write_rules(snakemake.output, table, genomes, cells, provenance)
