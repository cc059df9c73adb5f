# In: one training network and the stimuli. Out: what stopping candidates early saves.
# Made by `snakemake racing_study`.


rule racing_study:
    input:
        network=network_file(0),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("racing_study.parquet"),
    log:
        f"logs/{config['run']}/racing_study.log",
    benchmark:
        f"benchmarks/{config['run']}/racing_study.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=240,
    params:
        settings=world_settings(
            "racing_study", "search.initial_gate_probability", "task.validation_trials"
        ),
        source=source_of("studies/racing_study"),
    script:
        "../scripts/studies/racing_study.py"
