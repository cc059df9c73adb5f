# In: training networks, networks used nowhere else, searches. Out: whether the search
# finds better rules than chance, and which of its parts that depends on. Made by
# `snakemake search_proof` and the other targets of SEARCH_STUDIES.


rule screen_search_proof:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        screening=result("search_proof/seed{seed}/screening.parquet"),
    log:
        log_of("screen_search_proof/seed{seed}"),
    benchmark:
        benchmark_of("screen_search_proof/seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=proof_settings(*without("families", "parts")),
        source=source_of("studies/screen_search_proof"),
    message:
        "Screening as many random rules as family search {wildcards.seed} evaluated"
    script:
        "../scripts/studies/screen_search_proof.py"


rule score_search_proof:
    input:
        families=proof_families,
        free=proof_free_families,
        swarm=last_segment,
        screening=result("search_proof/seed{seed}/screening.parquet"),
        selection=TRAINING_NETWORKS,
        unseen=proof_networks,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("search_proof/seed{seed}/rules.parquet"),
        choices=result("search_proof/seed{seed}/choices.parquet"),
        cells=result("search_proof/seed{seed}/cells.parquet"),
        parameters=result("search_proof/seed{seed}/parameters.nc"),
    log:
        log_of("score_search_proof/seed{seed}"),
    benchmark:
        benchmark_of("score_search_proof/seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=proof_settings("task.test_trials", *without("search_proof", "seeds")),
        source=source_of("studies/score_search_proof"),
    message:
        "Scoring all sides of the proof on networks of their own, search {wildcards.seed}"
    script:
        "../scripts/studies/score_search_proof.py"


rule score_proof_order:
    input:
        choices=result("search_proof/seed{seed}/choices.parquet"),
        parameters=result("search_proof/seed{seed}/parameters.nc"),
        unseen=proof_networks,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        cells=result("search_proof/seed{seed}/order_cells.parquet"),
    log:
        log_of("score_proof_order/seed{seed}"),
    benchmark:
        benchmark_of("score_proof_order/seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=600,
    params:
        settings=random_order_settings(),
        source=source_of("studies/score_proof_order"),
    message:
        "Scoring the proof's choices in random order, search {wildcards.seed}"
    script:
        "../scripts/studies/score_proof_order.py"


rule summarise_search_proof:
    input:
        rules=[proof_file(seed, "rules.parquet") for seed in PROOF_SEARCHES],
        choices=[proof_file(seed, "choices.parquet") for seed in PROOF_SEARCHES],
        cells=[proof_file(seed, "cells.parquet") for seed in PROOF_SEARCHES],
        order=[proof_file(seed, "order_cells.parquet") for seed in PROOF_SEARCHES],
        parameters=[proof_file(seed, "parameters.nc") for seed in PROOF_SEARCHES],
        ceiling=result(f"calibration/ceiling_{OF_RUN}.parquet"),
    output:
        **{name: result(f"search_proof/{name}.parquet") for name in PROOF_TABLES},
        text=result("search_proof/summary.md"),
    log:
        log_of("summarise_search_proof"),
    benchmark:
        benchmark_of("summarise_search_proof")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/summarise_search_proof"),
    message:
        "Comparing the sides of the proof"
    script:
        "../scripts/studies/summarise_search_proof.py"


rule score_reward_search:
    input:
        families=proof_families,
        reward_free=reward_free_families,
        selection=TRAINING_NETWORKS,
        unseen=proof_networks,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("reward_search/seed{seed}/rules.parquet"),
        choices=result("reward_search/seed{seed}/choices.parquet"),
        cells=result("reward_search/seed{seed}/cells.parquet"),
    log:
        log_of("score_reward_search/seed{seed}"),
    benchmark:
        benchmark_of("score_reward_search/seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=proof_settings("task.test_trials", *without("search_proof", "seeds")),
        source=source_of("studies/score_reward_search"),
    message:
        "Scoring the rules found with and without reward, search {wildcards.seed}"
    script:
        "../scripts/studies/score_reward_search.py"


rule compare_reward_searches:
    input:
        rules=[reward_file(seed, "rules") for seed in PROOF_SEARCHES],
        choices=[reward_file(seed, "choices") for seed in PROOF_SEARCHES],
        cells=[reward_file(seed, "cells") for seed in PROOF_SEARCHES],
    output:
        table=result("reward_search/comparison.parquet"),
    log:
        log_of("compare_reward_searches"),
    benchmark:
        benchmark_of("compare_reward_searches")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/compare_reward_searches"),
    message:
        "Comparing searches with and without reward"
    script:
        "../scripts/studies/compare_reward_searches.py"


rule run_variant:
    input:
        seen=variant_seen,
        unseen=variant_unseen,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("search_studies/{variant}/seed{seed}/rules.parquet"),
        cells=result("search_studies/{variant}/seed{seed}/cells.parquet"),
        history=result("search_studies/{variant}/seed{seed}/history.parquet"),
    log:
        log_of("run_variant/{variant}_seed{seed}"),
    benchmark:
        benchmark_of("run_variant/{variant}_seed{seed}")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=variant_settings(),
        plan=variant_plan,
        source=source_of("studies/run_variant"),
    message:
        "Searching as {wildcards.variant}, seed {wildcards.seed}"
    script:
        "../scripts/studies/run_variant.py"


rule compare_variants:
    input:
        rules=study_tables("rules"),
        cells=study_tables("cells"),
        history=study_tables("history"),
    output:
        table=result("search_studies/{study}.parquet"),
        detail=result("search_studies/{study}_detail.parquet"),
    log:
        log_of("compare_variants/{study}"),
    benchmark:
        benchmark_of("compare_variants/{study}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=selected("seed"),
        source=source_of("studies/compare_variants"),
    message:
        "Comparing the searches of the study {wildcards.study}"
    script:
        "../scripts/studies/compare_variants.py"


rule measure_information:
    input:
        segment=segment_file(0, config["search"]["segments"] - 1),
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("search_studies/information.parquet"),
    log:
        log_of("measure_information"),
    benchmark:
        benchmark_of("measure_information")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("information", *without("search", "seeds", "segments")),
        source=source_of("studies/measure_information"),
    message:
        "Measuring what one evaluation tells"
    script:
        "../scripts/studies/measure_information.py"


rule measure_rule_spread:
    input:
        networks=TRAINING_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("search_studies/rule_spread.parquet"),
    log:
        log_of("measure_rule_spread"),
    benchmark:
        benchmark_of("measure_rule_spread")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings(
            "rule_spread",
            "task.validation_trials",
            *without("search", "seeds", "segments"),
        ),
        source=source_of("studies/measure_rule_spread"),
    message:
        "Measuring how far random rules differ"
    script:
        "../scripts/studies/measure_rule_spread.py"


rule measure_sequence_noise:
    input:
        networks=TRAINING_NETWORKS[: config["sequence_noise"]["networks"]],
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        table=result("search_studies/sequence_noise.parquet"),
    log:
        log_of("measure_sequence_noise"),
    benchmark:
        benchmark_of("measure_sequence_noise")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings(
            "sequence_noise",
            "task.validation_trials",
            *without("search", "seeds", "segments"),
        ),
        source=source_of("studies/measure_sequence_noise"),
    message:
        "Measuring what the order of trials adds to the noise"
    script:
        "../scripts/studies/measure_sequence_noise.py"
