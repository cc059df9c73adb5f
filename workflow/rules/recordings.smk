# In: the rules that all analyses show, networks never used. Out: every spike of their test
# and their weights in training, and what these say of memory, firing, weights, dynamics.


rule record_network:
    input:
        rules=REPRESENTATIVES["representatives"],
        parameters=REPRESENTATIVES["representatives_parameters"],
        network=result("network/{network}.nc"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        spikes=result("recordings/{network}.nc"),
        pairs=result("recordings/{network}_pairs.parquet"),
        drift=result("recordings/{network}_drift.parquet"),
        shapes=result("recordings/{network}_shapes.parquet"),
    log:
        log_of("record_network/{network}"),
    benchmark:
        benchmark_of("record_network/{network}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=2000,
        runtime=240,
    params:
        settings=world_settings(
            "recordings.test_trials", "recordings.looks", "recordings.cut_kernel_ms"
        ),
        instance=network_instance,
        source=source_of("recordings/record_network"),
    message:
        "Recording spikes and weights of {wildcards.network}"
    script:
        "../scripts/recordings/record_network.py"


rule decode_recording:
    input:
        spikes=result("recordings/{network}.nc"),
    output:
        decoded=result("recordings/{network}_decoded.parquet"),
        delay=result("recordings/{network}_delay.parquet"),
    log:
        log_of("decode_recording/{network}"),
    benchmark:
        benchmark_of("decode_recording/{network}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        settings=selected(*MEMORY_KEYS),
        source=source_of("recordings/decode_recording"),
    message:
        "Decoding images from the spikes of {wildcards.network}"
    script:
        "../scripts/recordings/decode_recording.py"


rule measure_working_memory:
    input:
        decoded=of_recordings("_decoded.parquet"),
        delay=of_recordings("_delay.parquet"),
    output:
        memory=WORKING_MEMORY["memory"],
        source=WORKING_MEMORY["source"],
        decoded=WORKING_MEMORY["decoded"],
        delay=WORKING_MEMORY["delay"],
    log:
        log_of("measure_working_memory"),
    benchmark:
        benchmark_of("measure_working_memory")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        settings=selected("seed", "task.image_ms", *MEMORY_KEYS),
        source=source_of("recordings/measure_working_memory"),
    message:
        "Asking what the delay tells of images"
    script:
        "../scripts/recordings/measure_working_memory.py"


rule measure_firing:
    input:
        spikes=of_recordings(".nc"),
        networks=HELDOUT_NETWORKS,
        mouse=resource("mouse/*.csv"),
    output:
        cells=FIRING["cells"],
        fits=FIRING["fits"],
        mouse=FIRING["mouse"],
        synchrony=FIRING["synchrony"],
        tests=FIRING["tests"],
    log:
        log_of("measure_firing"),
    benchmark:
        benchmark_of("measure_firing")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        settings=selected(
            "seed",
            "recordings.synchrony_bin_ms",
            "recordings.tail_share",
            "mouse_likeness.fewest_intervals",
        ),
        source=source_of("recordings/measure_firing"),
    message:
        "Measuring rates, intervals and synchrony after learning"
    script:
        "../scripts/recordings/measure_firing.py"


rule measure_weights:
    input:
        pairs=of_recordings("_pairs.parquet"),
        drift=of_recordings("_drift.parquet"),
        shapes=of_recordings("_shapes.parquet"),
    output:
        pairs=WEIGHTS["pairs"],
        drift=WEIGHTS["drift"],
        shapes=WEIGHTS["shapes"],
    log:
        log_of("measure_weights"),
    benchmark:
        benchmark_of("measure_weights")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        settings=selected("seed"),
        source=source_of("recordings/measure_weights"),
    message:
        "Measuring what learning did to weights"
    script:
        "../scripts/recordings/measure_weights.py"


rule measure_dynamics:
    input:
        spikes=of_recordings(".nc"),
    output:
        tests=DYNAMICS["tests"],
        dimensions=DYNAMICS["dimensions"],
        over_time=DYNAMICS["over_time"],
        paths=DYNAMICS["paths"],
    log:
        log_of("measure_dynamics"),
    benchmark:
        benchmark_of("measure_dynamics")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        settings=selected("seed", "task.image_ms", "recordings.window_ms"),
        source=source_of("recordings/measure_dynamics"),
    message:
        "Measuring dimension and separation of activity"
    script:
        "../scripts/recordings/measure_dynamics.py"
