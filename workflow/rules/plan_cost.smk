# In: one training network and the stimuli. Out: what the run will cost, measured here.


rule plan_cost:
    """What the run will cost on this machine, from a measurement of seconds."""
    input:
        network=network_file(0),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        plan=result("plan_cost.txt"),
    log:
        log_of("plan_cost"),
    benchmark:
        benchmark_of("plan_cost")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=60,
    params:
        settings=config,
        source=source_of("cost/plan_cost"),
    message:
        "Measuring what the run will cost here"
    script:
        "../scripts/cost/plan_cost.py"


rule gpu_projection:
    """What a search should cost on GPUs the kernel has not run on: arithmetic only."""
    output:
        table=result("gpu_projection.md"),
    log:
        log_of("gpu_projection"),
    benchmark:
        benchmark_of("gpu_projection")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("task", "search"),
        source=source_of("cost/gpu_projection"),
    message:
        "Projecting the search onto GPUs"
    script:
        "../scripts/cost/gpu_projection.py"
