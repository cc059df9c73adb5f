# In: training networks and stimuli. Out: rates against the mouse, signal of the task
# per window, reach of random rules.


rule calibrate:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        calibration=result("calibration/calibration.nc"),
    log:
        log_of("calibrate"),
    benchmark:
        benchmark_of("calibrate")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=240,
    params:
        settings=world_settings("calibration", "search.initial_gate_probability"),
        source=source_of("working_point/calibrate"),
    message:
        "Measuring rates, the signal of the task and the reach of random rules"
    script:
        "../scripts/working_point/calibrate.py"
