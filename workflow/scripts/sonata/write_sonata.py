"""Write one network as a SONATA circuit, with or without the run's gains."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.configuration.settings import filled
    from evoplast.network import Gains, read_network
    from evoplast.simulator import SimulationSettings, recurrent_gain
    from evoplast.sonata import write_sonata

    network, config = read_network(snakemake.input.network), snakemake.params.settings
    gains = Gains()
    if snakemake.wildcards.weights == "as_simulated":
        simulation = filled(SimulationSettings, config["simulation"])
        inputs = config["input"]
        recurrent = recurrent_gain(network, simulation)
        gains = Gains(recurrent, inputs["lgn_gain"], inputs["background_gain"])
    write_sonata(snakemake.output.folder, network, provenance, gains)
