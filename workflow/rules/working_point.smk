# In: networks, stimuli. Out: how the signal of the task and the rates depend on input
# and gains, and how like the mouse a network is. For some networks of the run ("run") in
# every report; for networks of several sizes that no other stage uses ("sizes") by
# `snakemake calibration_scan` and `snakemake mouse_likeness`.


rule scan_network:
    input:
        network="results/{run}/network/{network}.nc",
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        signal="results/{run}/calibration/scan/{network}_signal.parquet",
        rates="results/{run}/calibration/scan/{network}_rates.parquet",
    log:
        "logs/{run}/scan_network/{network}.log",
    benchmark:
        "benchmarks/{run}/scan_network/{network}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
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
        source=source_of("working_point/scan_network"),
    script:
        "../scripts/working_point/scan_network.py"


rule gather_scan:
    input:
        signal=scan_signals,
        rates=scan_rates,
    output:
        signal="results/{run}/calibration/scan_{extent}.parquet",
        rates="results/{run}/calibration/scan_rates_{extent}.parquet",
    log:
        "logs/{run}/gather_scan_{extent}.log",
    benchmark:
        "benchmarks/{run}/gather_scan_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    script:
        "../scripts/working_point/gather_tables.py"


rule compare_scan:
    input:
        signal="results/{run}/calibration/scan_{extent}.parquet",
    output:
        differences="results/{run}/calibration/scan_differences_{extent}.parquet",
    log:
        "logs/{run}/compare_scan_{extent}.log",
    benchmark:
        "benchmarks/{run}/compare_scan_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed", "task.window_start_ms", "task.window_end_ms"),
        source=source_of("working_point/compare_scan"),
    script:
        "../scripts/working_point/compare_scan.py"


rule probe_network:
    input:
        network="results/{run}/network/{network}.nc",
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        published=resource("published_model/firing_rates.csv"),
    output:
        types="results/{run}/calibration/mouse/{network}_{lgn_mode}_types.parquet",
        cells="results/{run}/calibration/mouse/{network}_{lgn_mode}_cells.parquet",
    log:
        "logs/{run}/probe_network/{network}_{lgn_mode}.log",
    benchmark:
        "benchmarks/{run}/probe_network/{network}_{lgn_mode}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=2500,
        runtime=120,
    params:
        settings=probe_settings(*without("mouse_likeness", *NOT_OF_A_PROBE)),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("working_point/probe_network"),
    script:
        "../scripts/working_point/probe_network.py"


rule probe_grey_screen:
    input:
        network="results/{run}/network/{network}.nc",
        stimuli=STIMULI[0],
        mouse=resource("mouse/*.csv"),
    output:
        grey="results/{run}/calibration/mouse/{network}_grey.parquet",
    log:
        "logs/{run}/probe_grey_screen/{network}.log",
    benchmark:
        "benchmarks/{run}/probe_grey_screen/{network}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
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
    script:
        "../scripts/working_point/probe_grey_screen.py"


rule gather_grey_screen:
    input:
        grey=grey_files,
    output:
        grey="results/{run}/calibration/grey_screen_{extent}.parquet",
    log:
        "logs/{run}/gather_grey_screen_{extent}.log",
    benchmark:
        "benchmarks/{run}/gather_grey_screen_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    script:
        "../scripts/working_point/gather_tables.py"


rule gather_mouse:
    input:
        types=mouse_types,
        cells=mouse_cells,
    output:
        types="results/{run}/calibration/mouse_{extent}.parquet",
        cells="results/{run}/calibration/tuning_{extent}.parquet",
    log:
        "logs/{run}/gather_mouse_{extent}.log",
    benchmark:
        "benchmarks/{run}/gather_mouse_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("seed"),
        source=source_of("working_point/gather_tables"),
    script:
        "../scripts/working_point/gather_tables.py"


rule draw_calibration_scan:
    input:
        signal="results/{run}/calibration/scan_{extent}.parquet",
        rates="results/{run}/calibration/scan_rates_{extent}.parquet",
    output:
        pdf="results/{run}/figures/calibration_scan_{extent}.pdf",
        png=report(
            "results/{run}/figures/calibration_scan_{extent}.png",
            caption="../report/calibration_scan.rst",
            category="Network and calibration",
            labels={"figure": "calibration scan, {extent}"},
        ),
    log:
        "logs/{run}/draw_calibration_scan_{extent}.log",
    benchmark:
        "benchmarks/{run}/draw_calibration_scan_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_calibration_scan"),
    script:
        "../scripts/figures/draw_calibration_scan.py"


rule draw_mouse_likeness:
    input:
        types="results/{run}/calibration/mouse_{extent}.parquet",
        cells="results/{run}/calibration/tuning_{extent}.parquet",
    output:
        pdf="results/{run}/figures/mouse_likeness_{extent}.pdf",
        png=report(
            "results/{run}/figures/mouse_likeness_{extent}.png",
            caption="../report/mouse_likeness.rst",
            category="Network and calibration",
            labels={"figure": "mouse likeness, {extent}"},
        ),
    log:
        "logs/{run}/draw_mouse_likeness_{extent}.log",
    benchmark:
        "benchmarks/{run}/draw_mouse_likeness_{extent}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_mouse_likeness"),
    script:
        "../scripts/figures/draw_mouse_likeness.py"
