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


for name, files in PAPER_FIGURES.items():

    rule:
        name:
            f"draw_paper_{name}"
        input:
            **(REPORT_FIGURES | ANALYSIS_FIGURES)[name]["inputs"],
        output:
            **files,
        log:
            log_of(f"draw_paper_{name}"),
        benchmark:
            benchmark_of(f"draw_paper_{name}")
        conda:
            "../../envs/evoplast.yaml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=30,
        params:
            module=(REPORT_FIGURES | ANALYSIS_FIGURES)[name]["module"],
            settings=selected("figures"),
            source=source_of(
                "figures/draw_paper",
                (REPORT_FIGURES | ANALYSIS_FIGURES)[name]["module"],
            ),
        message:
            f"Drawing {files['png']} and its form for one column"
        script:
            "../scripts/figures/draw_paper.py"
