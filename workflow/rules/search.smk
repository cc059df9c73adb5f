# In: training networks and stimuli. Out: the search as a chain of segments, each the
# complete state, and its history.


rule search_segment:
    input:
        networks=result("search/seed{seed}/networks/segment_{segment}"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        previous=previous_segment,
    output:
        state=result("search/seed{seed}/segment_{segment}.nc"),
    log:
        log_of("search_segment/seed{seed}_{segment}"),
    benchmark:
        benchmark_of("search_segment/seed{seed}_{segment}")
    # The chain of segments is the longest path through the workflow.
    priority: 10
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        # The number of segments stays out: raising it must not repeat those done.
        settings=world_settings(
            "task.validation_trials",
            *CIRCUIT,
            *without("search", "algorithm", "segments", "seeds"),
        ),
        source=source_of("search/search_segment"),
    message:
        "Searching, seed {wildcards.seed}, segment {wildcards.segment}"
    script:
        "../scripts/search/search_segment.py"


rule collect_history:
    input:
        segments=all_segments,
    output:
        history=result("search/seed{seed}/history.parquet"),
    log:
        log_of("collect_history/seed{seed}"),
    benchmark:
        benchmark_of("collect_history/seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("search/collect_history"),
    message:
        "Collecting the history of the search, seed {wildcards.seed}"
    script:
        "../scripts/search/collect_history.py"
