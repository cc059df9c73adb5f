# In: the tables of the circuit, or a circuit made by others. Out: networks of N neurons,
# as many instances and sizes as the stages ask for; on request, as SONATA and for NEST.


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
    """The network of the run as SONATA, with the run's gains and without."""
    input:
        expand(result("network/sonata/network_{weights}"), weights=EXPORTED_WEIGHTS),


rule write_sonata:
    """A network as SONATA, for other programs."""
    input:
        network=result("network/{network}.nc"),
    output:
        folder=directory(result("network/sonata/{network}_{weights}")),
    log:
        log_of("write_sonata/{network}_{weights}"),
    benchmark:
        benchmark_of("write_sonata/{network}_{weights}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        settings=gains_of_export,
        source=source_of("sonata/write_sonata"),
    message:
        "Writing {wildcards.network} as SONATA, weights {wildcards.weights}"
    script:
        "../scripts/sonata/write_sonata.py"


rule export_nest:
    """A few trials of the network before learning, with a script for NEST."""
    input:
        expand(result("network/nest/network_{task}_4_trials"), task=STIMULUS_SETS),


rule write_nest:
    """Trials of a network as data and a PyNEST script, with our spikes to compare."""
    input:
        network=result("network/{network}.nc"),
        stimuli=result("stimuli/{stimulus_set}.nc"),
        mouse=resource("mouse/*.csv"),
    output:
        folder=directory(
            result("network/nest/{network}_{stimulus_set}_{trials}_trials")
        ),
    log:
        log_of("write_nest/{network}_{stimulus_set}_{trials}"),
    benchmark:
        benchmark_of("write_nest/{network}_{stimulus_set}_{trials}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=world_settings(),
        source=source_of("nest/write_nest"),
    message:
        "Writing {wildcards.trials} trials of {wildcards.network} for NEST"
    script:
        "../scripts/nest/write_nest.py"
