# In: nothing but config. Out: evolved units, their read-outs, tables and figures.


wildcard_constraints:
    study="|".join(ENU_STUDIES),
    cell="|".join(ENU_CELLS),
    experiment=r"[a-z_]+",
    figure="|".join(ENU_FIGURES),


rule enu_segment:
    input:
        previous=enu_previous,
        origin=enu_origin,
    output:
        state="results/{run}/enu/{study}/{experiment}/{cell}/seed{seed}/segment_{segment}.nc",
    log:
        "logs/{run}/enu/{study}/{experiment}_{cell}_seed{seed}_{segment}.log",
    benchmark:
        "benchmarks/{run}/enu/{study}/{experiment}_{cell}_seed{seed}_{segment}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=enu_settings,
        source=source_of("enu/enu_segment"),
    script:
        "../scripts/enu/enu_segment.py"


rule enu_record_unit:
    input:
        segments=enu_stages,
    output:
        recording="results/{run}/enu/recordings/{experiment}.nc",
    log:
        "logs/{run}/enu/enu_record_unit/{experiment}.log",
    benchmark:
        "benchmarks/{run}/enu/enu_record_unit/{experiment}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=enu_recording_settings,
        source=source_of("enu/enu_record_unit"),
    script:
        "../scripts/enu/enu_record_unit.py"


rule enu_record_maze:
    input:
        segment=enu_maze_segment,
    output:
        network="results/{run}/enu/mazes/{experiment}_network.nc",
        policy="results/{run}/enu/mazes/{experiment}_policy.nc",
    log:
        "logs/{run}/enu/enu_record_maze/{experiment}.log",
    benchmark:
        "benchmarks/{run}/enu/enu_record_maze/{experiment}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=enu_maze_settings(),
        source=source_of("enu/enu_record_maze"),
    script:
        "../scripts/enu/enu_record_maze.py"


rule enu_references:
    output:
        references="results/{run}/enu/references.parquet",
    log:
        "logs/{run}/enu/enu_references.log",
    benchmark:
        "benchmarks/{run}/enu/enu_references.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("seed"),
        source=source_of("enu/enu_references"),
    script:
        "../scripts/enu/enu_references.py"


rule enu_tables:
    input:
        segments=ENU_RUNS,
        references=enu_table("references.parquet"),
    output:
        curves="results/{run}/enu/curves.parquet",
        scores="results/{run}/enu/scores.parquet",
        comparison="results/{run}/enu/comparison.parquet",
        acceptance="results/{run}/enu/acceptance.parquet",
    log:
        "logs/{run}/enu/enu_tables.log",
    benchmark:
        "benchmarks/{run}/enu/enu_tables.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("seed"),
        source=source_of("enu/enu_tables"),
    script:
        "../scripts/enu/enu_tables.py"


rule enu_project:
    input:
        recording=enu_table("recordings/stdp.nc"),
    output:
        projection="results/{run}/enu/projection.nc",
    log:
        "logs/{run}/enu/enu_project.log",
    benchmark:
        "benchmarks/{run}/enu/enu_project.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected(),
        source=source_of("enu/enu_project"),
    script:
        "../scripts/enu/enu_project.py"


rule enu_speed:
    output:
        speed="results/{run}/enu/speed.parquet",
    log:
        "logs/{run}/enu/enu_speed.log",
    benchmark:
        "benchmarks/{run}/enu/enu_speed.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=240,
    params:
        settings=selected("enu.maze_block", "enu.speed"),
        source=source_of("enu/enu_speed"),
    script:
        "../scripts/enu/enu_speed.py"


rule draw_enu:
    input:
        unpack(enu_drawn),
    output:
        pdf="results/{run}/enu/figures/{figure}.pdf",
        png=report(
            "results/{run}/enu/figures/{figure}.png",
            caption="../report/enu.rst",
            category="Evolvable neural units",
            labels={"figure": "{figure}"},
        ),
    log:
        "logs/{run}/enu/draw_enu/{figure}.log",
    benchmark:
        "benchmarks/{run}/enu/draw_enu/{figure}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_enu"),
    script:
        "../scripts/figures/draw_enu.py"


rule animate_enu:
    input:
        network="results/{run}/enu/mazes/{experiment}_network.nc",
        policy="results/{run}/enu/mazes/{experiment}_policy.nc",
    output:
        gif=report(
            "results/{run}/enu/figures/{experiment}_rollout.gif",
            caption="../report/enu_rollout.rst",
            category="Evolvable neural units",
            labels={"figure": "{experiment} rollout"},
        ),
    log:
        "logs/{run}/enu/animate_enu/{experiment}.log",
    benchmark:
        "benchmarks/{run}/enu/animate_enu/{experiment}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/animate_enu"),
    script:
        "../scripts/figures/animate_enu.py"
