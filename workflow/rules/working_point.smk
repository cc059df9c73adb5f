# In: networks, stimuli. Out: how the signal of the task and the rates depend on input
# and gains, and how like the mouse a network is. For some networks of the run ("run") in
# every report; for networks of several sizes that no other stage uses ("sizes") by
# `snakemake calibration_scan`, `snakemake mouse_likeness` and `snakemake ceiling`.


rule run_calibration_scan:
    input:
        network=result("network/{network}.nc"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        signal=result("calibration/scan/{network}_signal.parquet"),
        rates=result("calibration/scan/{network}_rates.parquet"),
    log:
        log_of("run_calibration_scan/{network}"),
    benchmark:
        benchmark_of("run_calibration_scan/{network}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=2000,
        runtime=240,
    params:
        settings=probe_settings(
            "calibration.windows_ms",
            *without("calibration_scan", "networks", "run_networks", "run_trials"),
        ),
        n_neurons=network_size,
        instance=network_instance,
        n_trials=scan_trials,
        source=source_of("working_point/run_calibration_scan"),
    message:
        "Scanning drives and gains of {wildcards.network}"
    script:
        "../scripts/working_point/run_calibration_scan.py"


rule gather_calibration_scan:
    input:
        signal=scan_signals,
        rates=scan_rates,
    output:
        signal=result("calibration/scan_{extent}.parquet"),
        rates=result("calibration/scan_rates_{extent}.parquet"),
    log:
        log_of("gather_calibration_scan/{extent}"),
    benchmark:
        benchmark_of("gather_calibration_scan/{extent}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    message:
        "Gathering the scan: {wildcards.extent}"
    script:
        "../scripts/working_point/gather_tables.py"


rule compare_calibration_scan:
    input:
        signal=result("calibration/scan_{extent}.parquet"),
    output:
        differences=result("calibration/scan_differences_{extent}.parquet"),
    log:
        log_of("compare_calibration_scan/{extent}"),
    benchmark:
        benchmark_of("compare_calibration_scan/{extent}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed", "task.window_start_ms", "task.window_end_ms"),
        source=source_of("working_point/compare_calibration_scan"),
    message:
        "Comparing the settings of the scan: {wildcards.extent}"
    script:
        "../scripts/working_point/compare_calibration_scan.py"


rule probe_mouse_likeness:
    input:
        network=result("network/{network}.nc"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        published=resource("published_model/firing_rates.csv"),
    output:
        types=result("calibration/mouse/{network}_{lgn_mode}_types.parquet"),
        cells=result("calibration/mouse/{network}_{lgn_mode}_cells.parquet"),
    log:
        log_of("probe_mouse_likeness/{network}_{lgn_mode}"),
    benchmark:
        benchmark_of("probe_mouse_likeness/{network}_{lgn_mode}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=2500,
        runtime=120,
    params:
        settings=probe_settings(*without("mouse_likeness", *NOT_OF_A_PROBE)),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("working_point/probe_mouse_likeness"),
    message:
        "Recording {wildcards.network} beside the mouse, LGN {wildcards.lgn_mode}"
    script:
        "../scripts/working_point/probe_mouse_likeness.py"


rule probe_grey_screen:
    input:
        network=result("network/{network}.nc"),
        stimuli=STIMULI[0],
        mouse=resource("mouse/*.csv"),
    output:
        grey=result("calibration/mouse/{network}_grey.parquet"),
    log:
        log_of("probe_grey_screen/{network}"),
    benchmark:
        benchmark_of("probe_grey_screen/{network}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=2500,
        runtime=120,
    params:
        settings=probe_settings(
            "mouse_likeness.background_gains",
            "mouse_likeness.drifting_ms",
            "mouse_likeness.discard_ms",
        ),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("working_point/probe_grey_screen"),
    message:
        "Recording {wildcards.network} before a grey screen"
    script:
        "../scripts/working_point/probe_grey_screen.py"


rule gather_grey_screen:
    input:
        grey=grey_files,
    output:
        grey=result("calibration/grey_screen_{extent}.parquet"),
    log:
        log_of("gather_grey_screen/{extent}"),
    benchmark:
        benchmark_of("gather_grey_screen/{extent}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    message:
        "Gathering the grey screens: {wildcards.extent}"
    script:
        "../scripts/working_point/gather_tables.py"


rule gather_mouse_likeness:
    input:
        types=mouse_types,
        cells=mouse_cells,
    output:
        types=result("calibration/mouse_{extent}.parquet"),
        cells=result("calibration/tuning_{extent}.parquet"),
    log:
        log_of("gather_mouse_likeness/{extent}"),
    benchmark:
        benchmark_of("gather_mouse_likeness/{extent}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    message:
        "Gathering the likeness to the mouse: {wildcards.extent}"
    script:
        "../scripts/working_point/gather_tables.py"


rule measure_ceiling:
    input:
        network=result("network/{network}.nc"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("calibration/ceiling/{network}.parquet"),
    log:
        log_of("measure_ceiling/{network}"),
    benchmark:
        benchmark_of("measure_ceiling/{network}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=2000,
        runtime=240,
    params:
        settings=world_settings(*without("ceiling", "networks", "run_networks")),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("working_point/measure_ceiling"),
    message:
        "Measuring what linear readouts of {wildcards.network} reach"
    script:
        "../scripts/working_point/measure_ceiling.py"


rule gather_ceiling:
    input:
        table=ceiling_tables,
    output:
        table=result("calibration/ceiling_{extent}.parquet"),
    log:
        log_of("gather_ceiling/{extent}"),
    benchmark:
        benchmark_of("gather_ceiling/{extent}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    message:
        "Gathering the ceiling: {wildcards.extent}"
    script:
        "../scripts/working_point/gather_tables.py"
