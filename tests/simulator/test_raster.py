"""Recorded spikes against the kernels' own counts."""

import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
)
from evoplast.simulator.kernels import reference
from evoplast.simulator.raster import SpikeRecorder, unplastic_rules

STEPS, LANES = 150, 16


@pytest.fixture(scope="module")
def current(tiny_network):
    rng = np.random.default_rng(1)
    shape = (STEPS, tiny_network.n_neurons, LANES)
    return (rng.random(shape) * 400).astype(np.float32)


def test_recorded_spikes_are_those_the_reference_counts(tiny_network, current):
    settings = SimulationSettings.default(kernel="reference")
    recorder = SpikeRecorder(tiny_network, settings, LANES)
    # Calls of any length run on, whether they fit the history or not.
    cuts = np.split(current, [10, 110])
    spikes = np.concatenate([recorder.advance(part) for part in cuts])
    model = build_model(tiny_network, settings, PlasticitySettings.default())
    tables = unplastic_rules(tiny_network.n_types, LANES)
    pool = jnp.arange(5)
    _, observed = reference.run_steps(
        *(model, tables, initial_state(model, LANES), jnp.asarray(current)),
        *(pool, PlasticitySettings.default(), False),
    )
    assert spikes.dtype == bool and spikes.any()
    np.testing.assert_array_equal(spikes.sum(axis=0), observed.spike_counts)
    of_pool = spikes[:, :5].sum(axis=1)
    np.testing.assert_array_equal(of_pool, observed.readout_by_step)
