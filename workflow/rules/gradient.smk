# In: networks never used, and stimuli. Out: accuracy and biology of surrogate-gradient
# training against samples seen.


rule train_gradient:
    input:
        networks=HELDOUT_NETWORKS[: config["gradient"]["networks"]],
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


rule train_longer:
    input:
        networks=HELDOUT_NETWORKS[: config["sample_efficiency"]["networks"]],
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        curve=result("analysis/gradient_{optimiser}.parquet"),
    log:
        log_of("train_longer/{optimiser}"),
    benchmark:
        benchmark_of("train_longer/{optimiser}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("gradient", "sample_efficiency"),
        source=source_of("gradient/train_gradient"),
    message:
        "Training weights by gradients until they are flat, {wildcards.optimiser}"
    script:
        "../scripts/gradient/train_gradient.py"
