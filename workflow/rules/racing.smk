# In: one training network and the stimuli. Out: what stopping candidates early saves.
# Made by `snakemake racing_study`.


rule racing_study:
    """What stopping candidates early saves, and what it changes."""
    input:
        network=network_file(0),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("racing_study.parquet"),
    log:
        log_of("racing_study"),
    benchmark:
        benchmark_of("racing_study")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=240,
    params:
        settings=world_settings(
            "racing_study", "search.initial_gate_probability", "task.validation_trials"
        ),
        source=source_of("studies/racing_study"),
    message:
        "Measuring what stopping candidates early saves"
    script:
        "../scripts/studies/racing_study.py"
