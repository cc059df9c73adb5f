# In: the front, the baselines, networks never used. Out: what rules do. Everything here
# is beyond the demo and made by `snakemake analyses`.


rule choose_representatives:
    input:
        evolved=stage_files("pareto", ""),
        known=stage_files("baselines", "known_"),
        random=stage_files("baselines", "random_"),
        searched=SEARCHED,
    output:
        table=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
    log:
        log_of("choose_representatives"),
    benchmark:
        benchmark_of("choose_representatives")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed", "representatives"),
        source=source_of("behaviour/choose_representatives"),
    message:
        "Choosing the rules that all analyses show"
    script:
        "../scripts/behaviour/choose_representatives.py"


rule measure_representative_rules:
    input:
        table=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        published=resource("paper/results.csv"),
    output:
        table=result("analysis/representative_rules.parquet"),
        cells=result("analysis/representative_rules_cells.parquet"),
    log:
        log_of("measure_representative_rules"),
    benchmark:
        benchmark_of("measure_representative_rules")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("representative_rules"),
        source=source_of("behaviour/measure_representative_rules"),
    message:
        "Measuring the representative rules"
    script:
        "../scripts/behaviour/measure_representative_rules.py"


rule measure_few_shot:
    input:
        table=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        curves=result("analysis/few_shot.parquet"),
        half=result("analysis/few_shot_half.parquet"),
        cells=result("analysis/few_shot_cells.parquet"),
    log:
        log_of("measure_few_shot"),
    benchmark:
        benchmark_of("measure_few_shot")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("few_shot"),
        source=source_of("behaviour/measure_few_shot"),
    message:
        "Testing the representative rules after a few trials"
    script:
        "../scripts/behaviour/measure_few_shot.py"


rule measure_ablations:
    input:
        table=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("analysis/ablations.parquet"),
        variants=result("analysis/ablations_variants.parquet"),
        cells=result("analysis/ablations_cells.parquet"),
    log:
        log_of("measure_ablations"),
    benchmark:
        benchmark_of("measure_ablations")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("ablations"),
        source=source_of("behaviour/measure_ablations"),
    message:
        "Measuring the representative rules without parts of theirs"
    script:
        "../scripts/behaviour/measure_ablations.py"


rule measure_sample_efficiency:
    input:
        curves=[
            result(f"analysis/gradient_{optimiser}.parquet")
            for optimiser in OPTIMISERS
        ],
        cells=result("analysis/representative_rules_cells.parquet"),
        published=resource("paper/results.csv"),
    output:
        table=result("analysis/sample_efficiency.parquet"),
        biology=result("analysis/sample_efficiency_biology.parquet"),
    log:
        log_of("measure_sample_efficiency"),
    benchmark:
        benchmark_of("measure_sample_efficiency")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed", "task.training_trials"),
        source=source_of("behaviour/measure_sample_efficiency"),
    message:
        "Comparing trials of gradients with those of the evolved rule"
    script:
        "../scripts/behaviour/measure_sample_efficiency.py"


rule measure_recurrence:
    input:
        searched=SEARCHED,
        parameters=REPRESENTATIVES["representatives_parameters"],
        published=resource("paper/results.csv"),
    output:
        table=result("analysis/recurrence.parquet"),
        agreement=result("analysis/recurrence_agreement.parquet"),
    log:
        log_of("measure_recurrence"),
    benchmark:
        benchmark_of("measure_recurrence")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed", "recurrence"),
        source=source_of("behaviour/measure_recurrence"),
    message:
        "Counting what recurs over searches"
    script:
        "../scripts/behaviour/measure_recurrence.py"


rule follow_long_training:
    input:
        rules=result("pareto/rules.parquet"),
        parameters=result("pareto/parameters.nc"),
        networks=HELDOUT_NETWORKS[: config["long_training"]["networks"]],
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        horizon=result("analysis/long_training.nc"),
        trend=result("analysis/long_training_trend.parquet"),
    log:
        log_of("follow_long_training"),
    benchmark:
        benchmark_of("follow_long_training")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("long_training"),
        section="long_training",
        source=source_of("analysis/follow_long_horizon"),
    message:
        "Training many rules for as long as they may need to decay"
    script:
        "../scripts/analysis/follow_long_horizon.py"
