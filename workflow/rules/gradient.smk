# In: a held-out network and stimuli. Out: accuracy of surrogate-gradient training
# against samples seen.


rule train_gradient:
    input:
        network=HELDOUT_NETWORKS[0],
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        curve=result("gradient/{optimiser}.parquet"),
    log:
        log_of("train_gradient/{optimiser}"),
    benchmark:
        benchmark_of("train_gradient/{optimiser}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("gradient"),
        source=source_of("gradient/train_gradient"),
    message:
        "Training weights by surrogate gradients, {wildcards.optimiser}"
    script:
        "../scripts/gradient/train_gradient.py"
