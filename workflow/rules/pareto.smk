# In: the last segments and networks never used. Out: the filtered front, measured
# again.


rule reevaluate_pareto:
    input:
        searched=SEARCHED,
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("pareto/rules.parquet"),
        cells=result("pareto/cells.parquet"),
        parameters=result("pareto/parameters.nc"),
    log:
        log_of("reevaluate_pareto"),
    benchmark:
        benchmark_of("reevaluate_pareto")
    # The longest chain to the end goes through here.
    priority: 8
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings(
            "pareto", "search.shrinkage", *EXTRA_OBJECTIVES, "task.test_trials"
        ),
        source=source_of("analysis/reevaluate_pareto"),
    message:
        "Filtering the front and measuring it again"
    script:
        "../scripts/analysis/reevaluate_pareto.py"
