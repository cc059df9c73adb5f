# In: the filtered rules. Out: what they have in common, how they last, how they scale.


rule measure_rule_frequency:
    input:
        evolved=result("pareto/parameters.nc"),
        rules=result("pareto/rules.parquet"),
        random=result("baselines/random_parameters.nc"),
    output:
        frequency=result("analysis/rule_frequency.parquet"),
    log:
        log_of("measure_rule_frequency"),
    benchmark:
        benchmark_of("measure_rule_frequency")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("analysis/measure_rule_frequency"),
    message:
        "Counting the terms of evolved and of random rules"
    script:
        "../scripts/analysis/measure_rule_frequency.py"


rule make_comparison:
    input:
        evolved=result("pareto/cells.parquet"),
        random=result("baselines/random_cells.parquet"),
        known=result("baselines/known_cells.parquet"),
    output:
        comparison=result("analysis/comparison.parquet"),
    log:
        log_of("make_comparison"),
    benchmark:
        benchmark_of("make_comparison")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("analysis/make_comparison"),
    message:
        "Comparing evolved with random and known rules"
    script:
        "../scripts/analysis/make_comparison.py"


rule follow_long_horizon:
    input:
        rules=result("pareto/rules.parquet"),
        parameters=result("pareto/parameters.nc"),
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        horizon=result("analysis/long_horizon.nc"),
        trend=result("analysis/long_horizon_trend.parquet"),
    log:
        log_of("follow_long_horizon"),
    benchmark:
        benchmark_of("follow_long_horizon")
    # The longest stage after the Pareto front.
    priority: 7
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("long_horizon"),
        section="long_horizon",
        source=source_of("analysis/follow_long_horizon"),
    message:
        "Training the leading rules longer than the search did"
    script:
        "../scripts/analysis/follow_long_horizon.py"


rule measure_cross_scale:
    input:
        rules=result("pareto/rules.parquet"),
        parameters=result("pareto/parameters.nc"),
        networks=SCALE_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        scales=result("analysis/cross_scale.parquet"),
    log:
        log_of("measure_cross_scale"),
    benchmark:
        benchmark_of("measure_cross_scale")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("cross_scale", "task.test_trials", "network.n_neurons"),
        source=source_of("analysis/measure_cross_scale"),
    message:
        "Measuring the leading rules in networks of other sizes"
    script:
        "../scripts/analysis/measure_cross_scale.py"
