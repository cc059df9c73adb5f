# In: artefacts of the stages. Out: figures; nothing here simulates. One rule for each
# row of the table in figures_common.smk.
for name, row in (REPORT_FIGURES | TARGET_FIGURES | ANALYSIS_FIGURES).items():

    rule:
        name:
            f"draw_{name}"
        input:
            **row["inputs"],
            caption=row["caption"],
        output:
            pdf=row["pdf"],
            png=row["png"],
            # What the report shows: the figure with its caption below it.
            page=report(
                row["page"],
                category=row["category"],
                labels={"figure": name.replace("_", " ")},
            ),
        log:
            log_of(f"draw_{name}"),
        benchmark:
            benchmark_of(f"draw_{name}")
        conda:
            "../../envs/evoplast.yaml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=30,
        params:
            module=row["module"],
            title=name.replace("_", " "),
            settings=selected("figures"),
            source=source_of("figures/draw", row["module"]),
        message:
            f"Drawing {row['png']}"
        script:
            "../scripts/figures/draw.py"


rule collect_paper_figures:
    input:
        drawn=[path for name in PAPER for path in draws(name)],
    output:
        PAPER_FIGURES,
    log:
        log_of("collect_paper_figures"),
    benchmark:
        benchmark_of("collect_paper_figures")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        settings=selected("figures"),
        source=source_of("figures/collect_paper_figures"),
    message:
        "Collecting the figures of docs/paper.md"
    script:
        "../scripts/figures/collect_paper_figures.py"
