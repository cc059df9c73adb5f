"""Write formula and coefficients of the best evolved rule, for people and programs."""

from evoplast.jobs.script import job

with job(snakemake):
    from evoplast.artefacts.atomic import atomic_path
    from evoplast.atlas import champion, rule_table, rule_text, rules_of_run

    catalogue = rules_of_run(snakemake.input)
    best = champion(catalogue)
    with atomic_path(snakemake.output.text) as temporary:
        temporary.write_text(rule_text(catalogue, best), encoding="utf-8")
    with atomic_path(snakemake.output.table) as temporary:
        rule_table(catalogue, best).to_csv(temporary, index=False)
