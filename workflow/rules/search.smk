# In: training networks and stimuli. Out: the search as a chain of segments, each the
# complete state, and its history.


rule search_segment:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        previous=previous_segment,
    output:
        state="results/{run}/search/seed{seed}/segment_{segment}.nc",
    log:
        "logs/{run}/search_segment/seed{seed}_{segment}.log",
    benchmark:
        "benchmarks/{run}/search_segment/seed{seed}_{segment}.tsv"
    # The chain of segments is the longest path through the workflow.
    priority: 10
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        # The number of segments stays out: raising it must not repeat those done.
        settings=world_settings(
            "task.validation_trials", *without("search", "segments", "seeds")
        ),
        source=source_of("search/search_segment"),
    script:
        "../scripts/search/search_segment.py"


rule collect_history:
    input:
        segments=all_segments,
    output:
        history="results/{run}/search/seed{seed}/history.parquet",
    log:
        "logs/{run}/collect_history/seed{seed}.log",
    benchmark:
        "benchmarks/{run}/collect_history/seed{seed}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("search/collect_history"),
    script:
        "../scripts/search/collect_history.py"
