# In: nothing but config. Out: evolved units, their read-outs, tables and figures.


rule enu_segment:
    input:
        previous=enu_previous,
        origin=enu_origin,
    output:
        state=result("enu/{study}/{experiment}/{cell}/seed{seed}/segment_{segment}.nc"),
    log:
        log_of("enu/{study}/{experiment}_{cell}_seed{seed}_{segment}"),
    benchmark:
        benchmark_of("enu/{study}/{experiment}_{cell}_seed{seed}_{segment}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=enu_settings,
        source=source_of("enu/enu_segment"),
    message:
        "Evolving {wildcards.cell} in {wildcards.experiment}, segment {wildcards.segment}"
    script:
        "../scripts/enu/enu_segment.py"


rule enu_record_unit:
    input:
        segments=enu_stages,
    output:
        recording=result("enu/recordings/{experiment}.nc"),
    log:
        log_of("enu/enu_record_unit/{experiment}"),
    benchmark:
        benchmark_of("enu/enu_record_unit/{experiment}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=enu_recording_settings,
        source=source_of("enu/enu_record_unit"),
    message:
        "Recording an evolved unit in {wildcards.experiment}"
    script:
        "../scripts/enu/enu_record_unit.py"


rule enu_record_maze:
    input:
        segment=enu_maze_segment,
    output:
        network=result("enu/mazes/{experiment}_network.nc"),
        policy=result("enu/mazes/{experiment}_policy.nc"),
    log:
        log_of("enu/enu_record_maze/{experiment}"),
    benchmark:
        benchmark_of("enu/enu_record_maze/{experiment}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=enu_maze_settings(),
        source=source_of("enu/enu_record_maze"),
    message:
        "Recording an evolved network in {wildcards.experiment}"
    script:
        "../scripts/enu/enu_record_maze.py"


rule enu_references:
    output:
        references=result("enu/references.parquet"),
    log:
        log_of("enu/enu_references"),
    benchmark:
        benchmark_of("enu/enu_references")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("seed"),
        source=source_of("enu/enu_references"),
    message:
        "Scoring what needs no evolution"
    script:
        "../scripts/enu/enu_references.py"


rule enu_tables:
    input:
        segments=ENU_RUNS,
        references=enu_table("references.parquet"),
    output:
        curves=result("enu/curves.parquet"),
        scores=result("enu/scores.parquet"),
        comparison=result("enu/comparison.parquet"),
        acceptance=result("enu/acceptance.parquet"),
    log:
        log_of("enu/enu_tables"),
    benchmark:
        benchmark_of("enu/enu_tables")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("seed"),
        source=source_of("enu/enu_tables"),
    message:
        "Gathering scores, comparisons and acceptance of evolved units"
    script:
        "../scripts/enu/enu_tables.py"


rule enu_project:
    input:
        recording=enu_table("recordings/stdp.nc"),
    output:
        projection=result("enu/projection.nc"),
    log:
        log_of("enu/enu_project"),
    benchmark:
        benchmark_of("enu/enu_project")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected(),
        source=source_of("enu/enu_project"),
    message:
        "Projecting the evolved synapse on the terms of rules"
    script:
        "../scripts/enu/enu_project.py"


rule enu_speed:
    output:
        speed=result("enu/speed.parquet"),
    log:
        log_of("enu/enu_speed"),
    benchmark:
        benchmark_of("enu/enu_speed")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("enu.maze_block", "enu.speed"),
        source=source_of("enu/enu_speed"),
    message:
        "Timing generations of units"
    script:
        "../scripts/enu/enu_speed.py"


rule animate_enu:
    input:
        network=result("enu/mazes/{experiment}_network.nc"),
        policy=result("enu/mazes/{experiment}_policy.nc"),
    output:
        gif=report(
            result("enu/figures/{experiment}_rollout.gif"),
            caption="../report/enu_rollout.rst",
            category="Evolvable neural units",
            labels={"figure": "{experiment} rollout"},
        ),
    log:
        log_of("enu/animate_enu/{experiment}"),
    benchmark:
        benchmark_of("enu/animate_enu/{experiment}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/animate_enu"),
    message:
        "Animating lives in {wildcards.experiment}"
    script:
        "../scripts/figures/animate_enu.py"
