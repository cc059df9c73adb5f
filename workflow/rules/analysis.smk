# In: the filtered rules. Out: what they have in common, how they last, how they scale.


rule count_rules:
    input:
        evolved="results/{run}/pareto/parameters.nc",
        random="results/{run}/baselines/random_parameters.nc",
    output:
        frequency="results/{run}/analysis/rule_frequency.parquet",
    log:
        "logs/{run}/count_rules.log",
    benchmark:
        "benchmarks/{run}/count_rules.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("analysis/count_rules"),
    script:
        "../scripts/analysis/count_rules.py"


rule compare_groups:
    input:
        evolved="results/{run}/pareto/cells.parquet",
        random="results/{run}/baselines/random_cells.parquet",
        known="results/{run}/baselines/known_cells.parquet",
    output:
        comparison="results/{run}/analysis/comparison.parquet",
    log:
        "logs/{run}/compare_groups.log",
    benchmark:
        "benchmarks/{run}/compare_groups.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("analysis/compare_groups"),
    script:
        "../scripts/analysis/compare_groups.py"


rule follow_long_horizon:
    input:
        rules="results/{run}/pareto/rules.parquet",
        parameters="results/{run}/pareto/parameters.nc",
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        horizon="results/{run}/analysis/long_horizon.nc",
    log:
        "logs/{run}/follow_long_horizon.log",
    benchmark:
        "benchmarks/{run}/follow_long_horizon.tsv"
    # The longest stage after the Pareto front.
    priority: 7
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("long_horizon"),
        source=source_of("analysis/follow_long_horizon"),
    script:
        "../scripts/analysis/follow_long_horizon.py"


rule compare_scales:
    input:
        rules="results/{run}/pareto/rules.parquet",
        parameters="results/{run}/pareto/parameters.nc",
        networks=SCALE_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        scales="results/{run}/analysis/cross_scale.parquet",
    log:
        "logs/{run}/compare_scales.log",
    benchmark:
        "benchmarks/{run}/compare_scales.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("cross_scale", "task.test_trials", "network.n_neurons"),
        source=source_of("analysis/compare_scales"),
    script:
        "../scripts/analysis/compare_scales.py"
