# In: artefacts of the stages. Out: figures; nothing here simulates.


rule draw_network:
    input:
        network=network_file(0),
        calibration=result("calibration/calibration.nc"),
    output:
        pdf="results/{run}/figures/network.pdf",
        png=report(
            "results/{run}/figures/network.png",
            caption="../report/network.rst",
            category="Network and calibration",
            labels={"figure": "network"},
        ),
    log:
        "logs/{run}/draw_network.log",
    benchmark:
        "benchmarks/{run}/draw_network.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_network"),
    script:
        "../scripts/figures/draw_network.py"


rule draw_random_rules:
    input:
        random_rules=result("baselines/random_rules.parquet"),
        known_rules=result("baselines/known_rules.parquet"),
        rules=result("pareto/rules.parquet"),
        histories=HISTORIES,
    output:
        pdf="results/{run}/figures/random_rules.pdf",
        png=report(
            "results/{run}/figures/random_rules.png",
            caption="../report/random_rules.rst",
            category="Search",
            labels={"figure": "random rules"},
        ),
    log:
        "logs/{run}/draw_random_rules.log",
    benchmark:
        "benchmarks/{run}/draw_random_rules.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_random_rules"),
    script:
        "../scripts/figures/draw_random_rules.py"


rule draw_search_history:
    input:
        histories=HISTORIES,
    output:
        pdf="results/{run}/figures/search_history.pdf",
        png=report(
            "results/{run}/figures/search_history.png",
            caption="../report/search_history.rst",
            category="Search",
            labels={"figure": "search history"},
        ),
    log:
        "logs/{run}/draw_search_history.log",
    benchmark:
        "benchmarks/{run}/draw_search_history.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_search_history"),
    script:
        "../scripts/figures/draw_search_history.py"


rule draw_pareto_front:
    input:
        rules=result("pareto/rules.parquet"),
    output:
        pdf="results/{run}/figures/pareto_front.pdf",
        png=report(
            "results/{run}/figures/pareto_front.png",
            caption="../report/pareto_front.rst",
            category="Search",
            labels={"figure": "pareto front"},
        ),
    log:
        "logs/{run}/draw_pareto_front.log",
    benchmark:
        "benchmarks/{run}/draw_pareto_front.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_pareto_front"),
    script:
        "../scripts/figures/draw_pareto_front.py"


rule draw_rule_frequency:
    input:
        frequency=result("analysis/rule_frequency.parquet"),
    output:
        pdf="results/{run}/figures/rule_frequency.pdf",
        png=report(
            "results/{run}/figures/rule_frequency.png",
            caption="../report/rule_frequency.rst",
            category="Rules",
            labels={"figure": "rule frequency"},
        ),
    log:
        "logs/{run}/draw_rule_frequency.log",
    benchmark:
        "benchmarks/{run}/draw_rule_frequency.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_rule_frequency"),
    script:
        "../scripts/figures/draw_rule_frequency.py"


rule draw_long_horizon:
    input:
        horizon=result("analysis/long_horizon.nc"),
    output:
        pdf="results/{run}/figures/long_horizon.pdf",
        png=report(
            "results/{run}/figures/long_horizon.png",
            caption="../report/long_horizon.rst",
            category="Rules",
            labels={"figure": "long horizon"},
        ),
    log:
        "logs/{run}/draw_long_horizon.log",
    benchmark:
        "benchmarks/{run}/draw_long_horizon.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_long_horizon"),
    script:
        "../scripts/figures/draw_long_horizon.py"


rule draw_cross_scale:
    input:
        scales=result("analysis/cross_scale.parquet"),
    output:
        pdf="results/{run}/figures/cross_scale.pdf",
        png=report(
            "results/{run}/figures/cross_scale.png",
            caption="../report/cross_scale.rst",
            category="Rules",
            labels={"figure": "cross scale"},
        ),
    log:
        "logs/{run}/draw_cross_scale.log",
    benchmark:
        "benchmarks/{run}/draw_cross_scale.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_cross_scale"),
    script:
        "../scripts/figures/draw_cross_scale.py"


rule draw_gradient:
    input:
        curves=expand(result("gradient/{optimiser}.parquet"), optimiser=OPTIMISERS),
        rules=result("pareto/rules.parquet"),
    output:
        pdf="results/{run}/figures/gradient.pdf",
        png=report(
            "results/{run}/figures/gradient.png",
            caption="../report/gradient.rst",
            category="Gradient baseline",
            labels={"figure": "gradient"},
        ),
    log:
        "logs/{run}/draw_gradient.log",
    benchmark:
        "benchmarks/{run}/draw_gradient.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("figures"),
        source=source_of("figures/draw_gradient"),
    script:
        "../scripts/figures/draw_gradient.py"
