"""Compare the sides of the proof over several searches."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.atomic import atomic_path
    from evoplast.artefacts.netcdf import read_dataset
    from evoplast.artefacts.parquet import read_table, write_table
    from evoplast.rules import dataset_to_genomes
    from evoplast.studies import proof_agreement, proof_comparison, proof_fronts
    from evoplast.studies.proof_order import compare_orders
    from evoplast.studies.proof_report import report

    source, out = snakemake.input, snakemake.output
    seed = snakemake.params.settings["seed"]
    tables = {
        name: pd.concat(map(read_table, source[name]), ignore_index=True)
        for name in ("rules", "choices", "cells")
    }
    read = [dataset_to_genomes(read_dataset(path)) for path in source.parameters]
    rules, choices, cells = tables["rules"], tables["choices"], tables["cells"]
    again = pd.concat(map(read_table, source.order), ignore_index=True)
    order = compare_orders(choices, cells, again, seed)
    ceiling = read_table(source.ceiling)
    comparison = proof_comparison.compare_searches(choices, cells, seed)
    found = proof_fronts.outcomes(choices, cells, rules, seed, ceiling)
    champions = proof_agreement.champions_of(
        choices, {search: genomes for search, (_, genomes) in enumerate(read)}
    )
    recurrence = proof_agreement.recurrence(rules, choices)
    agreement = proof_agreement.coefficient_agreement(read[0][0], champions, seed)
    tables |= {
        "comparison": comparison,
        "outcomes": proof_fronts.of_kind(found, proof_fronts.CHAMPIONS),
        "complexity_front": proof_fronts.of_kind(found, proof_fronts.COMPLEXITY),
        "wasserstein_front": proof_fronts.of_kind(found, proof_fronts.DISTANCE),
        "recurrence": recurrence,
        "agreement": agreement,
        "order": order,
    }
    for name, table in tables.items():
        write_table(out[name], table, provenance)
    with atomic_path(out.text) as temporary:
        temporary.write_text(report(tables, found))
