# In: training networks, networks used nowhere else, searches. Out: whether the search
# finds better rules than chance, and which of its parts that depends on. Made by
# `snakemake search_proof` and the other targets of SEARCH_STUDIES.


rule screen_proof:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        screening="results/{run}/search_proof/seed{seed}/screening.parquet",
    log:
        "logs/{run}/screen_proof/seed{seed}.log",
    benchmark:
        "benchmarks/{run}/screen_proof/seed{seed}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=proof_settings("baselines"),
        source=source_of("studies/screen_proof"),
    script:
        "../scripts/studies/screen_proof.py"


rule score_proof:
    input:
        segment=last_segment,
        history="results/{run}/search/seed{seed}/history.parquet",
        screening="results/{run}/search_proof/seed{seed}/screening.parquet",
        seen=TRAINING_NETWORKS,
        unseen=proof_networks,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/search_proof/seed{seed}/rules.parquet",
        cells="results/{run}/search_proof/seed{seed}/cells.parquet",
        formulas="results/{run}/search_proof/seed{seed}/formulas.parquet",
        luck="results/{run}/search_proof/seed{seed}/luck.parquet",
    log:
        "logs/{run}/score_proof/seed{seed}.log",
    benchmark:
        "benchmarks/{run}/score_proof/seed{seed}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=proof_settings("baselines", "task.test_trials"),
        source=source_of("studies/score_proof"),
    script:
        "../scripts/studies/score_proof.py"


rule summarise_proof:
    input:
        rules=[proof_file(seed, "rules") for seed in PROOF_SEARCHES],
        cells=[proof_file(seed, "cells") for seed in PROOF_SEARCHES],
        formulas=[proof_file(seed, "formulas") for seed in PROOF_SEARCHES],
        luck=[proof_file(seed, "luck") for seed in PROOF_SEARCHES],
        histories=[
            result(f"search/seed{seed}/history.parquet") for seed in PROOF_SEARCHES
        ],
    output:
        rules=result("search_proof/rules.parquet"),
        cells=result("search_proof/cells.parquet"),
        comparison=result("search_proof/comparison.parquet"),
        formulas=result("search_proof/formulas.parquet"),
        luck=result("search_proof/luck.parquet"),
        progress=result("search_proof/progress.parquet"),
    log:
        f"logs/{config['run']}/summarise_proof.log",
    benchmark:
        f"benchmarks/{config['run']}/summarise_proof.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected(
            "seed", "network.training_instances", "search.instances_per_generation"
        ),
        source=source_of("studies/summarise_proof"),
    script:
        "../scripts/studies/summarise_proof.py"


rule draw_search_proof:
    input:
        comparison=result("search_proof/comparison.parquet"),
        cells=result("search_proof/cells.parquet"),
        histories=[
            result(f"search/seed{seed}/history.parquet") for seed in PROOF_SEARCHES
        ],
    output:
        pdf="results/{run}/figures/search_proof.pdf",
        png=report(
            "results/{run}/figures/search_proof.png",
            caption="../report/search_proof.rst",
            category="Search",
            labels={"figure": "search proof"},
        ),
    log:
        "logs/{run}/draw_search_proof.log",
    benchmark:
        "benchmarks/{run}/draw_search_proof.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_search_proof"),
    script:
        "../scripts/figures/draw_search_proof.py"


rule run_variant:
    input:
        seen=variant_seen,
        unseen=variant_unseen,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/search_studies/{variant}/seed{seed}/rules.parquet",
        cells="results/{run}/search_studies/{variant}/seed{seed}/cells.parquet",
        history="results/{run}/search_studies/{variant}/seed{seed}/history.parquet",
    log:
        "logs/{run}/run_variant/{variant}_seed{seed}.log",
    benchmark:
        "benchmarks/{run}/run_variant/{variant}_seed{seed}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=variant_settings(),
        plan=variant_plan,
        source=source_of("studies/run_variant"),
    script:
        "../scripts/studies/run_variant.py"


rule compare_variants:
    input:
        rules=study_tables("rules"),
        cells=study_tables("cells"),
        history=study_tables("history"),
    output:
        table="results/{run}/search_studies/{study}.parquet",
        detail="results/{run}/search_studies/{study}_detail.parquet",
    log:
        "logs/{run}/compare_variants/{study}.log",
    benchmark:
        "benchmarks/{run}/compare_variants/{study}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/compare_variants"),
    script:
        "../scripts/studies/compare_variants.py"


rule draw_search_study:
    input:
        table="results/{run}/search_studies/{study}.parquet",
        detail="results/{run}/search_studies/{study}_detail.parquet",
    output:
        pdf="results/{run}/figures/{study}.pdf",
        png=report(
            "results/{run}/figures/{study}.png",
            caption="../report/{study}.rst",
            category="Search",
            labels={"figure": "{study}"},
        ),
    log:
        "logs/{run}/draw_search_study/{study}.log",
    benchmark:
        "benchmarks/{run}/draw_search_study/{study}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_search_study"),
    script:
        "../scripts/figures/draw_search_study.py"


rule measure_information:
    input:
        segment=segment_file(0, config["search"]["segments"] - 1),
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table="results/{run}/search_studies/information.parquet",
    log:
        "logs/{run}/measure_information.log",
    benchmark:
        "benchmarks/{run}/measure_information.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("information", *without("search", "seeds", "segments")),
        source=source_of("studies/measure_information"),
    script:
        "../scripts/studies/measure_information.py"


rule draw_information:
    input:
        table=result("search_studies/information.parquet"),
    output:
        pdf="results/{run}/figures/information.pdf",
        png=report(
            "results/{run}/figures/information.png",
            caption="../report/information.rst",
            category="Search",
            labels={"figure": "information"},
        ),
    log:
        "logs/{run}/draw_information.log",
    benchmark:
        "benchmarks/{run}/draw_information.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_information"),
    script:
        "../scripts/figures/draw_information.py"


rule measure_spread:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table="results/{run}/search_studies/rule_spread.parquet",
    log:
        "logs/{run}/measure_spread.log",
    benchmark:
        "benchmarks/{run}/measure_spread.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings(
            "rule_spread",
            "task.validation_trials",
            *without("search", "seeds", "segments"),
        ),
        source=source_of("studies/measure_spread"),
    script:
        "../scripts/studies/measure_spread.py"


rule draw_rule_spread:
    input:
        table=result("search_studies/rule_spread.parquet"),
    output:
        pdf="results/{run}/figures/rule_spread.pdf",
        png=report(
            "results/{run}/figures/rule_spread.png",
            caption="../report/rule_spread.rst",
            category="Search",
            labels={"figure": "rule_spread"},
        ),
    log:
        "logs/{run}/draw_rule_spread.log",
    benchmark:
        "benchmarks/{run}/draw_rule_spread.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_rule_spread"),
    script:
        "../scripts/figures/draw_rule_spread.py"
