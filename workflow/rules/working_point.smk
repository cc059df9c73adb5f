# In: networks of several sizes that no other stage uses. Out: how the signal of the
# task and the rates depend on input and gains, and how like the mouse a network is.
# Made by `snakemake calibration_scan` and `snakemake mouse_likeness`.


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
            "calibration.windows_ms", *without("calibration_scan", "networks")
        ),
        n_neurons=network_size,
        instance=network_instance,
        n_trials=scan_trials,
        source=source_of("scan_network"),
    script:
        "../scripts/scan_network.py"


rule gather_scan:
    input:
        signal=[scan_file(*network, "signal") for network in SCAN_NETWORKS],
        rates=[scan_file(*network, "rates") for network in SCAN_NETWORKS],
    output:
        signal=result("calibration/scan.parquet"),
        rates=result("calibration/scan_rates.parquet"),
    log:
        f"logs/{config['run']}/gather_scan.log",
    benchmark:
        f"benchmarks/{config['run']}/gather_scan.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings={},
        source=source_of("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule compare_scan:
    input:
        signal=result("calibration/scan.parquet"),
    output:
        differences=result("calibration/scan_differences.parquet"),
    log:
        f"logs/{config['run']}/compare_scan.log",
    benchmark:
        f"benchmarks/{config['run']}/compare_scan.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=selected("task.window_start_ms", "task.window_end_ms"),
        source=source_of("compare_scan"),
    script:
        "../scripts/compare_scan.py"


rule probe_network:
    input:
        network="results/{run}/network/{network}.nc",
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
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
        settings=probe_settings(*without("mouse_likeness", "networks", "lgn_modes")),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("probe_network"),
    script:
        "../scripts/probe_network.py"


rule gather_mouse:
    input:
        types=[mouse_file(*network, "types") for network in MOUSE_NETWORKS],
        cells=[mouse_file(*network, "cells") for network in MOUSE_NETWORKS],
    output:
        types=result("calibration/mouse.parquet"),
        cells=result("calibration/tuning.parquet"),
    log:
        f"logs/{config['run']}/gather_mouse.log",
    benchmark:
        f"benchmarks/{config['run']}/gather_mouse.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings={},
        source=source_of("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule draw_calibration_scan:
    input:
        signal=result("calibration/scan.parquet"),
        rates=result("calibration/scan_rates.parquet"),
    output:
        pdf="results/{run}/figures/calibration_scan.pdf",
        png=report(
            "results/{run}/figures/calibration_scan.png",
            caption="../report/calibration_scan.rst",
            category="Network and calibration",
            labels={"figure": "calibration scan"},
        ),
    log:
        "logs/{run}/draw_calibration_scan.log",
    benchmark:
        "benchmarks/{run}/draw_calibration_scan.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("draw_calibration_scan"),
    script:
        "../scripts/draw_calibration_scan.py"


rule draw_mouse_likeness:
    input:
        types=result("calibration/mouse.parquet"),
        cells=result("calibration/tuning.parquet"),
    output:
        pdf="results/{run}/figures/mouse_likeness.pdf",
        png=report(
            "results/{run}/figures/mouse_likeness.png",
            caption="../report/mouse_likeness.rst",
            category="Network and calibration",
            labels={"figure": "mouse likeness"},
        ),
    log:
        "logs/{run}/draw_mouse_likeness.log",
    benchmark:
        "benchmarks/{run}/draw_mouse_likeness.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("draw_mouse_likeness"),
    script:
        "../scripts/draw_mouse_likeness.py"
