# In: the front, the baselines, networks never used. Out: what rules do. Everything here
# is beyond the demo and made by `snakemake analyses`.


rule choose_representatives:
    input:
        evolved=stage_files("pareto", ""),
        known=stage_files("baselines", "known_"),
        random=stage_files("baselines", "random_"),
        searched=SEARCHED,
    output:
        table=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
    log:
        log_of("choose_representatives"),
    benchmark:
        benchmark_of("choose_representatives")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed", "representatives"),
        source=source_of("behaviour/choose_representatives"),
    message:
        "Choosing the rules that all analyses show"
    script:
        "../scripts/behaviour/choose_representatives.py"
