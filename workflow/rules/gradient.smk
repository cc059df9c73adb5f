# In: a held-out network and stimuli. Out: accuracy of surrogate-gradient training
# against samples seen.


rule train_gradient:
    input:
        network=HELDOUT_NETWORKS[0],
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        curve="results/{run}/gradient/{optimiser}.parquet",
    log:
        "logs/{run}/train_gradient/{optimiser}.log",
    benchmark:
        "benchmarks/{run}/train_gradient/{optimiser}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("gradient"),
        source=source_of("gradient/train_gradient"),
    script:
        "../scripts/gradient/train_gradient.py"
