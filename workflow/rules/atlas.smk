# In: all rules that were measured again, and their comparison. Out: the page about them,
# the best one as text and table, and what the report begins with.


rule make_atlas:
    input:
        **RULES_OF_RUN,
        **VERDICTS,
        horizon=result("analysis/long_horizon.nc"),
    output:
        atlas=report(
            result("atlas.html"),
            category="Rule atlas",
            labels={"page": "all rules"},
        ),
    log:
        log_of("make_atlas"),
    benchmark:
        benchmark_of("make_atlas")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("run", "network", "search", "long_horizon"),
        source=source_of("atlas/make_atlas"),
    message:
        "Writing the page about all rules"
    script:
        "../scripts/atlas/make_atlas.py"


rule make_full_atlas:
    input:
        **RULES_OF_RUN,
        **VERDICTS,
        horizon=result("analysis/long_horizon.nc"),
        chosen=REPRESENTATIVES["representatives"],
        firing=FIRING["cells"],
        weights=WEIGHTS["pairs"],
    output:
        atlas=report(
            FULL_ATLAS,
            category="Rule atlas",
            labels={"page": "all rules, some with rates and weights by cell type"},
        ),
    log:
        log_of("make_full_atlas"),
    benchmark:
        benchmark_of("make_full_atlas")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("run", "network", "search", "long_horizon"),
        source=source_of("atlas/make_atlas"),
    message:
        "Writing the page about all rules with rates and weights by cell type"
    script:
        "../scripts/atlas/make_atlas.py"


rule write_champion:
    input:
        **RULES_OF_RUN,
    output:
        text=CHAMPION[0],
        table=CHAMPION[1],
    log:
        log_of("write_champion"),
    benchmark:
        benchmark_of("write_champion")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("run"),
        source=source_of("atlas/write_champion"),
    message:
        "Writing formula and coefficients of the best rule"
    script:
        "../scripts/atlas/write_champion.py"


rule write_first_page:
    input:
        **RULES_OF_RUN,
        **VERDICTS,
    output:
        first_page=FIRST_PAGE,
        settings=report(
            result("report/settings.html"),
            category="Settings",
            labels={"page": "the whole configuration"},
        ),
    log:
        log_of("write_first_page"),
    benchmark:
        benchmark_of("write_first_page")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected(*(name for name in config if name != "execution")),
        source=source_of("atlas/write_first_page"),
    message:
        "Writing what the report begins with"
    script:
        "../scripts/atlas/write_first_page.py"


rule export_brian2:
    """The best rule in the network of the run, with a script for Brian2."""
    input:
        expand(
            result("network/brian2/network_{task}_4_trials_champion"),
            task=STIMULUS_SETS,
        ),


rule write_brian2:
    """Plastic trials of a rule in a network, with our results to compare."""
    input:
        **RULES_OF_RUN,
        network=result("network/{network}.nc"),
        stimuli=result("stimuli/{stimulus_set}.nc"),
        mouse=resource("mouse/*.csv"),
    output:
        folder=directory(
            result(
                "network/brian2/{network}_{stimulus_set}_{trials}_trials_{rule_key}"
            )
        ),
    log:
        log_of("write_brian2/{network}_{stimulus_set}_{trials}_{rule_key}"),
    benchmark:
        benchmark_of("write_brian2/{network}_{stimulus_set}_{trials}_{rule_key}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=world_settings(),
        source=source_of("brian2/write_brian2"),
    message:
        "Writing {wildcards.rule_key} in {wildcards.network} for Brian2"
    script:
        "../scripts/brian2/write_brian2.py"
