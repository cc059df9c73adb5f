# In: training networks and stimuli. Out: rates against the mouse, signal of the task
# per window, reach of random rules.


rule calibrate:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        calibration="results/{run}/calibration/calibration.nc",
    log:
        "logs/{run}/calibrate.log",
    benchmark:
        "benchmarks/{run}/calibrate.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=240,
    params:
        settings=world_settings("calibration", "search.initial_gate_probability"),
        source=source_of("working_point/calibrate"),
    script:
        "../scripts/working_point/calibrate.py"
