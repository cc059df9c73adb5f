# In: nothing but config. Out: evolved units, their read-outs, tables and figures.


wildcard_constraints:
    study="|".join(ENU_STUDIES),
    cell="|".join(ENU_CELLS),
    experiment=r"\w+",


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
        source=source_of("enu_segment"),
    script:
        "../scripts/enu_segment.py"
