# In: what searches ended with, the front and the baselines, networks never used. Out: which
# coefficients selection moved, and whether rules of different formulas behave alike.


rule measure_heterogeneity:
    input:
        searched=SEARCHED,
        networks=[*TRAINING_NETWORKS, *HELDOUT_NETWORKS],
    output:
        table=result("analysis/heterogeneity.parquet"),
        structure=result("analysis/heterogeneity_structure.parquet"),
    log:
        log_of("measure_heterogeneity"),
    benchmark:
        benchmark_of("measure_heterogeneity")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        settings=selected(
            *("seed", "heterogeneity", "search.coefficient_prior"),
            "plasticity.extra_terms",
            *without("families", "parts"),
            *(f"task.{key}" for key in ("phi_min", "phi_max")),
            *(f"task.{key}_trials" for key in ("training", "validation")),
        ),
        source=source_of("structure/measure_heterogeneity"),
    message:
        "Comparing coefficients by cell type with what they are without selection"
    script:
        "../scripts/structure/measure_heterogeneity.py"


rule measure_degeneracy:
    input:
        evolved=stage_files("pareto", ""),
        known=stage_files("baselines", "known_"),
        random=stage_files("baselines", "random_"),
        networks=HELDOUT_NETWORKS,
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        rules=result("analysis/degeneracy_rules.parquet"),
        distances=result("analysis/degeneracy.nc"),
    log:
        log_of("measure_degeneracy"),
    benchmark:
        benchmark_of("measure_degeneracy")
    conda:
        "../../envs/evoplast.yaml"
    threads: THREADS
    resources:
        gpu=GPUS,
        mem_mb=1800,
        runtime=1440,
    params:
        settings=world_settings("degeneracy"),
        source=source_of("structure/measure_degeneracy"),
    message:
        "Measuring how far rules are apart in formula and in behaviour"
    script:
        "../scripts/structure/measure_degeneracy.py"


rule compare_distances:
    input:
        rules=result("analysis/degeneracy_rules.parquet"),
        distances=result("analysis/degeneracy.nc"),
    output:
        correlations=result("analysis/degeneracy_correlations.parquet"),
        members=result("analysis/degeneracy_members.parquet"),
        tests=result("analysis/degeneracy_tests.parquet"),
    log:
        log_of("compare_distances"),
    benchmark:
        benchmark_of("compare_distances")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        settings=selected("seed"),
        source=source_of("structure/compare_distances"),
    message:
        "Comparing distances in formula with distances in behaviour"
    script:
        "../scripts/structure/compare_distances.py"
