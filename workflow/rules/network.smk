# In: the tables of the circuit. Out: networks of N neurons, as many instances and sizes
# as the stages ask for.


rule build_network:
    input:
        tables=resource("allen_v1/*.csv"),
    output:
        network="results/{run}/network/{network}.nc",
    log:
        "logs/{run}/build_network/{network}.log",
    benchmark:
        "benchmarks/{run}/build_network/{network}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        settings=selected("seed", "network.source", "network.min_cells_per_type"),
        n_neurons=network_size,
        instance=network_instance,
        source=source_of("build_network"),
    script:
        "../scripts/build_network.py"
