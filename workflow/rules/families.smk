# In: networks that one round of one search alone uses, stimuli. Out: the families of every round, each file
# the complete state of some of them, and the history of a search.


rule build_search_networks:
    input:
        tables=resource("allen_v1/*.csv"),
        circuit=circuit_inputs(),
    output:
        folder=directory(result("search/seed{seed}/networks/{unit}")),
    log:
        log_of("build_search_networks/seed{seed}_{unit}"),
    benchmark:
        benchmark_of("build_search_networks/seed{seed}_{unit}")
    # The search, the longest path through the workflow, waits for them.
    priority: 12
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        settings=network_settings(),
        n_neurons=config["network"]["n_neurons"],
        instances=search_instances,
        source=source_of("network/build_networks"),
    message:
        "Building the networks of {wildcards.unit}, seed {wildcards.seed}"
    script:
        "../scripts/network/build_networks.py"


rule family_round:
    input:
        networks=result("search/seed{seed}/networks/round_{round}"),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
        previous=previous_round,
    output:
        state=result("{search}/seed{seed}/round_{round}_{part}.nc"),
    log:
        log_of("family_round/{search}_seed{seed}_{round}_{part}"),
    benchmark:
        benchmark_of("family_round/{search}_seed{seed}_{round}_{part}")
    priority: 12
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        # Later rounds stay out: adding one must not repeat those done.
        settings=round_settings,
        parts=config["families"]["parts"],
        source=source_of("search/family_round"),
    message:
        "Evolving families, {wildcards.search} seed {wildcards.seed}, round {wildcards.round}, part {wildcards.part}"
    script:
        "../scripts/search/family_round.py"


rule collect_families:
    input:
        rounds=all_rounds,
    output:
        history=result("{search}/seed{seed}/families.parquet"),
    log:
        log_of("collect_families/{search}_seed{seed}"),
    benchmark:
        benchmark_of("collect_families/{search}_seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        parts=config["families"]["parts"],
        source=source_of("search/collect_families"),
    message:
        "Collecting the families, {wildcards.search} seed {wildcards.seed}"
    script:
        "../scripts/search/collect_families.py"
