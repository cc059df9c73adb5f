# In: the tables of the circuit, or a circuit made by others. Out: networks of N neurons,
# as many instances and sizes as the stages ask for; on request, one as SONATA.


rule build_network:
    input:
        tables=resource("allen_v1/*.csv"),
        circuit=circuit_inputs(),
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
        settings=network_settings(),
        n_neurons=network_size,
        instance=network_instance,
        training=networks_to_avoid,
        source=source_of("network/build_network"),
    script:
        "../scripts/network/build_network.py"


rule export_sonata:
    input:
        network=network_file(0),
    output:
        folder=directory(result("network/sonata")),
    log:
        f"logs/{config['run']}/export_sonata.log",
    benchmark:
        f"benchmarks/{config['run']}/export_sonata.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        settings={},
        source=source_of("network/export_sonata"),
    script:
        "../scripts/network/export_sonata.py"
