"""Two devices give the bytes of one; the devices are made up by XLA."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evoplast.evaluation.sharding import devices_for
from evoplast.simulator.kernels.build import find_compiler

PROGRAM = """
import json, sys
from hashlib import sha256
import jax
from small_worlds import bytes_of, run, small_genomes, small_world
from evoplast.evaluation import lanes, sharding
worlds = [small_world(lanes=n, kernel=sys.argv[1]) for n in (16, 32)]
genomes = small_genomes(worlds[0], 16)
seen = [bytes_of(run(world, genomes, record=("weights",))) for world in worlds]
state = lanes.start(worlds[1], genomes, 16).state
print(json.dumps({
    "devices": len(state.simulation.weights.sharding.device_set),
    "differ": [name for name in seen[0] if seen[0][name] != seen[1][name]],
    "fields": len(seen[0]),
}))
"""


@pytest.mark.parametrize("kernel", ["reference", "cpu"])
def test_two_devices_give_the_bytes_of_one(kernel):
    if kernel == "cpu" and find_compiler() is None:
        pytest.skip("there is no C++ compiler")
    flags = "--xla_force_host_platform_device_count=2"
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    added = {"XLA_FLAGS": flags, "PYTHONPATH": os.pathsep.join(paths), "NPROC": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kernel],
        capture_output=True,
        text=True,
        env={**os.environ, **added},
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["devices"] == 2
    assert found["differ"] == []
    assert found["fields"] > 15


def test_every_device_gets_whole_tiles(monkeypatch):
    monkeypatch.setattr("jax.local_device_count", lambda: 4)
    counts = {16: 1, 32: 2, 48: 3, 64: 4, 80: 1, 128: 4, 24: 1}
    assert {n: devices_for(n, 2) for n in counts} == counts
