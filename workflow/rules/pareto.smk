# In: the last segments and networks never used. Out: the filtered front, measured
# again.


rule reevaluate_front:
    input:
        segments=LAST_SEGMENTS,
        seen=TRAINING_NETWORKS,
        unseen=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules="results/{run}/pareto/rules.parquet",
        cells="results/{run}/pareto/cells.parquet",
        parameters="results/{run}/pareto/parameters.nc",
    log:
        "logs/{run}/reevaluate_front.log",
    benchmark:
        "benchmarks/{run}/reevaluate_front.tsv"
    # The longest chain to the end goes through here.
    priority: 8
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("pareto", "search.shrinkage", "task.test_trials"),
        source=source_of("analysis/reevaluate_front"),
    script:
        "../scripts/analysis/reevaluate_front.py"
