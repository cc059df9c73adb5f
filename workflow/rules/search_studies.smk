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
        source=source_of("screen_proof"),
    script:
        "../scripts/screen_proof.py"


rule score_proof:
    input:
        segment=last_segment,
        screening="results/{run}/search_proof/seed{seed}/screening.parquet",
        seen=TRAINING_NETWORKS,
        unseen=proof_networks,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/search_proof/seed{seed}/rules.parquet",
        cells="results/{run}/search_proof/seed{seed}/cells.parquet",
        formulas="results/{run}/search_proof/seed{seed}/formulas.parquet",
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
        source=source_of("score_proof"),
    script:
        "../scripts/score_proof.py"


rule summarise_proof:
    input:
        rules=[proof_file(seed, "rules") for seed in PROOF_SEARCHES],
        cells=[proof_file(seed, "cells") for seed in PROOF_SEARCHES],
        formulas=[proof_file(seed, "formulas") for seed in PROOF_SEARCHES],
        histories=[
            result(f"search/seed{seed}/history.parquet") for seed in PROOF_SEARCHES
        ],
    output:
        rules=result("search_proof/rules.parquet"),
        cells=result("search_proof/cells.parquet"),
        comparison=result("search_proof/comparison.parquet"),
        formulas=result("search_proof/formulas.parquet"),
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
        settings=selected("seed"),
        source=source_of("summarise_proof"),
    script:
        "../scripts/summarise_proof.py"


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
        source=source_of("draw_search_proof"),
    script:
        "../scripts/draw_search_proof.py"
