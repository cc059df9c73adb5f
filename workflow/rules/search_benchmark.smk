# In: nothing but config. Out: the search algorithm beside others on noisy test problems.
BENCHMARK_TABLES = [
    result(f"search_benchmark/{problem}_{dimension}.parquet")
    for problem in ("dtlz2", "lsmop1")
    for dimension in config["search_benchmark"]["dimensions"]
]
# Keys of the swarm that the benchmark takes over; the others are compared in it.
SWARM_KEYS = (
    "alpha",
    "centre_weight",
    "mutation_index",
    "gate_flip_probability",
    "shrinkage",
    "indicator_scale",
    "variance_prior",
    "mutations_per_offspring",
)
ABLATION_KEYS = (
    *SWARM_KEYS,
    "refresh",
    "random_factors",
    "tie_break",
    "preferred_share",
)


wildcard_constraints:
    problem="dtlz2|lsmop1",
    dimension=r"\d+",


rule benchmark_search:
    output:
        runs="results/{run}/search_benchmark/{problem}_{dimension}.parquet",
    log:
        "logs/{run}/benchmark_search/{problem}_{dimension}.log",
    benchmark:
        "benchmarks/{run}/benchmark_search/{problem}_{dimension}.tsv"
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
        source=source_of("studies/benchmark_search"),
    script:
        "../scripts/studies/benchmark_search.py"


rule summarise_benchmark:
    input:
        runs=BENCHMARK_TABLES,
    output:
        summary="results/{run}/search_benchmark/summary.parquet",
    log:
        "logs/{run}/summarise_benchmark.log",
    benchmark:
        "benchmarks/{run}/summarise_benchmark.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/summarise_benchmark"),
    script:
        "../scripts/studies/summarise_benchmark.py"


rule draw_search_benchmark:
    input:
        runs=BENCHMARK_TABLES,
    output:
        pdf="results/{run}/figures/search_benchmark.pdf",
        png=report(
            "results/{run}/figures/search_benchmark.png",
            caption="../report/search_benchmark.rst",
            category="Search",
            labels={"figure": "search benchmark"},
        ),
    log:
        "logs/{run}/draw_search_benchmark.log",
    benchmark:
        "benchmarks/{run}/draw_search_benchmark.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_search_benchmark"),
    script:
        "../scripts/figures/draw_search_benchmark.py"


rule ablate_search:
    output:
        ablation="results/{run}/search_benchmark/ablation.parquet",
    log:
        "logs/{run}/ablate_search.log",
    benchmark:
        "benchmarks/{run}/ablate_search.tsv"
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
        source=source_of("studies/ablate_search"),
    script:
        "../scripts/studies/ablate_search.py"


rule draw_search_ablation:
    input:
        ablation=result("search_benchmark/ablation.parquet"),
    output:
        pdf="results/{run}/figures/search_ablation.pdf",
        png=report(
            "results/{run}/figures/search_ablation.png",
            caption="../report/search_ablation.rst",
            category="Search",
            labels={"figure": "search ablation"},
        ),
    log:
        "logs/{run}/draw_search_ablation.log",
    benchmark:
        "benchmarks/{run}/draw_search_ablation.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_search_ablation"),
    script:
        "../scripts/figures/draw_search_ablation.py"
