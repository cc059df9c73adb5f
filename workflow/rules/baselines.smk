# In: training networks and stimuli. Out: scores of random rules and of known rules.


rule score_random_rules:
    input:
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("baselines/random_rules.parquet"),
        cells=result("baselines/random_cells.parquet"),
        parameters=result("baselines/random_parameters.nc"),
    log:
        log_of("score_random_rules"),
    benchmark:
        benchmark_of("score_random_rules")
    # As long as a search: started late, it would end alone.
    priority: 9
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=600,
    params:
        settings=baseline_settings(),
        kind="random",
        source=source_of("analysis/score_baselines"),
    message:
        "Scoring random rules"
    script:
        "../scripts/analysis/score_baselines.py"


rule score_known_rules:
    input:
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        own=OWN_RULES,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("baselines/known_rules.parquet"),
        cells=result("baselines/known_cells.parquet"),
        parameters=result("baselines/known_parameters.nc"),
    log:
        log_of("score_known_rules"),
    benchmark:
        benchmark_of("score_known_rules")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=240,
    params:
        settings=baseline_settings(),
        kind="known",
        source=source_of("analysis/score_baselines"),
    message:
        "Scoring no plasticity, rules of the literature and your own"
    script:
        "../scripts/analysis/score_baselines.py"


rule list_rules:
    input:
        rules=result("baselines/known_rules.parquet"),
    output:
        table=result("baselines/known_rules.md"),
    log:
        log_of("list_rules"),
    benchmark:
        benchmark_of("list_rules")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("analysis/list_rules"),
    message:
        "Writing what rules of the literature and your own reach"
    script:
        "../scripts/analysis/list_rules.py"
