# In: the tables of the circuit, or a circuit made by others. Out: networks of N neurons,
# as many instances and sizes as the stages ask for; on request, one as SONATA.


rule build_network:
    input:
        tables=resource("allen_v1/*.csv"),
        circuit=circuit_inputs(),
    output:
        network=result("network/{network}.nc"),
    log:
        log_of("build_network/{network}"),
    benchmark:
        benchmark_of("build_network/{network}")
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
    message:
        "Building the network {wildcards.network}"
    script:
        "../scripts/network/build_network.py"


rule export_sonata:
    """The network of the run as SONATA, for other programs."""
    input:
        network=network_file(0),
    output:
        folder=directory(result("network/sonata")),
    log:
        log_of("export_sonata"),
    benchmark:
        benchmark_of("export_sonata")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        settings={},
        source=source_of("sonata/export_sonata"),
    message:
        "Writing the network as SONATA"
    script:
        "../scripts/sonata/export_sonata.py"
