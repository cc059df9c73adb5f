"""Keeping a process on few threads."""

import subprocess
import sys
from pathlib import Path

import pytest

from evoplast.artefacts.errors import UserError
from evoplast.jobs.threads import limit_threads

PROGRAM = """
import sys
from pathlib import Path
from evoplast.jobs.threads import limit_threads
limit_threads(int(sys.argv[1]))
import jax.numpy as jnp
jnp.ones(3).sum().block_until_ready()
names = [p.read_text() for p in Path("/proc/self/task").glob("*/comm")]
print(sum("XLAEigen" in name for name in names))
"""


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="this system does not list threads"
)
@pytest.mark.parametrize("n_threads", [1, 3])
def test_xla_makes_as_many_workers_as_it_may(n_threads):
    command = [sys.executable, "-c", PROGRAM, str(n_threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) == n_threads


def test_no_threads_are_refused():
    with pytest.raises(UserError, match="number of threads is 0"):
        limit_threads(0)
