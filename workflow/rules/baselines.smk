# In: training networks and stimuli. Out: scores of random rules and of known rules.


rule score_random_rules:
    input:
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/baselines/random_rules.parquet",
        cells="results/{run}/baselines/random_cells.parquet",
        parameters="results/{run}/baselines/random_parameters.nc",
    log:
        "logs/{run}/score_random_rules.log",
    benchmark:
        "benchmarks/{run}/score_random_rules.tsv"
    # As long as a search: started late, it would end alone.
    priority: 9
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=600,
    params:
        settings=baseline_settings(),
        kind="random",
        source=source_of("analysis/score_rules"),
    script:
        "../scripts/analysis/score_rules.py"


rule score_known_rules:
    input:
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/baselines/known_rules.parquet",
        cells="results/{run}/baselines/known_cells.parquet",
        parameters="results/{run}/baselines/known_parameters.nc",
    log:
        "logs/{run}/score_known_rules.log",
    benchmark:
        "benchmarks/{run}/score_known_rules.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=240,
    params:
        settings=baseline_settings(),
        kind="known",
        source=source_of("analysis/score_rules"),
    script:
        "../scripts/analysis/score_rules.py"
