# In: one training network and the stimuli. Out: what the run will cost, measured here.


rule plan_cost:
    input:
        network=network_file(0),
        stimuli=STIMULI,
        mouse=resource("mouse/*.csv"),
    output:
        plan=result("plan_cost.txt"),
    log:
        f"logs/{config['run']}/plan_cost.log",
    benchmark:
        f"benchmarks/{config['run']}/plan_cost.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=1800,
        runtime=60,
    params:
        settings=config,
        source=source_of("cost/plan_cost"),
    script:
        "../scripts/cost/plan_cost.py"
