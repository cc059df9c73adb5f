"""The workflow on a circuit that others made: planned, built, exported, refused."""

import numpy as np
import pytest
import yaml
from checkout import Checkout
from sonata_circuits import TYPES, make_circuit, write_published

from evoplast.artefacts.netcdf import read_provenance
from evoplast.network import read_network
from evoplast.simulator import SimulationSettings, recurrent_gain
from evoplast.sonata import Draw, SonataSettings, read_circuit

NETWORK = "results/smoke/network/network.nc"
EXPORT = "results/smoke/network/sonata/network_{}"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A checkout with a circuit in it, and the config that asks for it."""
    checkout = Checkout(tmp_path_factory.mktemp("sonata"))
    write_published(checkout.folder / "circuit", make_circuit())
    config = yaml.safe_load((checkout.folder / "config/smoke.yaml").read_text())
    own = {"circuit_config": "circuit/config.json", "types": [dict(t) for t in TYPES]}
    changed = {"source": "sonata", "n_neurons": 20, "sonata": own}
    config["network"] |= changed
    config["cross_scale"] = {**config.get("cross_scale", {}), "sizes": [10, 20]}
    (checkout.folder / "circuit.yaml").write_text(yaml.safe_dump(config))
    return checkout


def test_circuit_of_others_plans_every_network(place):
    counts = place.planned("--configfile", "circuit.yaml")
    assert counts["build_network"] > 2
    assert counts["family_round"] > 0


def read_export(place, allen_tables, weights):
    """Return the exported network, whose files must be whole."""
    folder = place.folder / EXPORT.format(weights)
    assert (folder / "provenance.json").is_file()
    path = str(folder / "circuit_config.json")
    settings = SonataSettings.default(
        circuit_config=path, types=TYPES, whole_circuit=True
    )
    return read_circuit(settings, allen_tables, Draw(0))


def test_circuit_is_built_and_exported(place, allen_tables):
    place.snakemake("--cores", "1", "export_sonata", "--configfile", "circuit.yaml")
    built = read_network(place.folder / NETWORK)
    assert built.n_neurons == 20
    assert built.cell_types.names == tuple(t["name"] for t in TYPES)
    used = read_provenance(place.folder / NETWORK)["settings"]["network"]["sonata"]
    assert used["circuit_config"] == "circuit/config.json"
    as_built, as_simulated = (
        read_export(place, allen_tables, weights)
        for weights in ("as_built", "as_simulated")
    )
    assert as_built.edges.weight_pA.tolist() == built.edges.weight_pA.tolist()
    gain = recurrent_gain(built, SimulationSettings.default())
    assert gain > 1
    with_gain_pA = built.edges.weight_pA * np.float32(gain)
    assert as_simulated.edges.weight_pA.tolist() == with_gain_pA.tolist()


@pytest.mark.slow
def test_damaged_circuit_ends_with_one_sentence_and_no_network(place):
    edges = place.folder / "circuit/network/v1_v1_edges.h5"
    whole = edges.read_bytes()
    edges.write_bytes(whole[:5000])
    target = NETWORK.replace(".nc", "_1.nc")
    arguments = ("--cores", "1", target, "--configfile", "circuit.yaml")
    failed = place.snakemake(*arguments, check=False)
    edges.write_bytes(whole)
    assert failed.returncode != 0
    log = (place.folder / "logs/smoke/build_network/network_1.log").read_text()
    assert "v1_v1_edges.h5 is not a readable HDF5 file" in log
    assert "Traceback" not in log
    assert not list((place.folder / "results").rglob("*network_1*"))


def test_missing_circuit_is_refused_before_any_job(place):
    config = yaml.safe_load((place.folder / "circuit.yaml").read_text())
    config["network"]["sonata"]["circuit_config"] = "nowhere.json"
    (place.folder / "nowhere.yaml").write_text(yaml.safe_dump(config))
    failed = place.snakemake("-n", "--configfile", "nowhere.yaml", check=False)
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "nowhere.json cannot be read" in said
    assert "Traceback" not in said
