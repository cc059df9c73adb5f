"""Measure rates, intervals and synchrony before and after, beside the mouse."""

from pathlib import Path

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    import pandas as pd

    from evoplast.artefacts.parquet import write_table
    from evoplast.artefacts.seeds import named_seed
    from evoplast.network import read_network
    from evoplast.objectives import read_mouse_reference
    from evoplast.recordings import firing, read_recordings
    from evoplast.recordings.synchrony import synchrony_table

    config, output = snakemake.params.settings, snakemake.output
    own, folder = config["recordings"], Path(snakemake.input.mouse[0]).parent
    recordings = read_recordings(snakemake.input.spikes)
    networks = map(read_network, snakemake.input.networks)
    mouse = [read_mouse_reference(folder, network) for network in networks]
    fewest = config["mouse_likeness"]["fewest_intervals"]
    cells = pd.concat([firing.firing_cells(found, fewest) for found in recordings])
    together = pd.concat(
        [synchrony_table(found, own["synchrony_bin_ms"]) for found in recordings]
    )
    rest = (own["tail_share"], named_seed(config["seed"], "firing"))
    fits = firing.firing_table(cells, recordings[0].types, mouse, *rest)
    write_table(output.cells, cells, provenance)
    write_table(output.fits, fits, provenance)
    write_table(output.mouse, firing.mouse_quantiles(mouse), provenance)
    write_table(output.synchrony, together, provenance)
    tests = firing.firing_tests(cells, together, *rest)
    write_table(output.tests, tests, provenance)
