# In: nothing but config. Out: the search algorithm beside others on noisy test problems.


rule run_search_benchmark:
    output:
        runs=result("search_benchmark/{problem}_{dimension}.parquet"),
    log:
        log_of("run_search_benchmark/{problem}_{dimension}"),
    benchmark:
        benchmark_of("run_search_benchmark/{problem}_{dimension}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected(
            "seed",
            *without("search_benchmark", "dimensions"),
            *(f"search.{key}" for key in SWARM_KEYS),
        ),
        source=source_of("studies/run_search_benchmark"),
    message:
        "Benchmarking the search on {wildcards.problem}, {wildcards.dimension} variables"
    script:
        "../scripts/studies/run_search_benchmark.py"


rule summarise_search_benchmark:
    input:
        runs=BENCHMARK_TABLES,
    output:
        summary=result("search_benchmark/summary.parquet"),
    log:
        log_of("summarise_search_benchmark"),
    benchmark:
        benchmark_of("summarise_search_benchmark")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/summarise_search_benchmark"),
    message:
        "Summarising the benchmark of the search"
    script:
        "../scripts/studies/summarise_search_benchmark.py"


rule run_search_ablation:
    output:
        ablation=result("search_benchmark/ablation.parquet"),
    log:
        log_of("run_search_ablation"),
    benchmark:
        benchmark_of("run_search_ablation")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=120,
    params:
        settings=selected(
            "seed", "search_ablation", *(f"search.{key}" for key in ABLATION_KEYS)
        ),
        source=source_of("studies/run_search_ablation"),
    message:
        "Searching without parts of the noise handling"
    script:
        "../scripts/studies/run_search_ablation.py"
