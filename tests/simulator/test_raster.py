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
from evoplast.simulator.kernels.contract import StepOptions
from evoplast.simulator.raster import (
    HISTORY_STEPS,
    SpikeRecorder,
    unplastic_rules,
    with_long_history,
    with_long_past,
)

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
        *(pool, StepOptions(PlasticitySettings.default(), plastic=False)),
    )
    assert spikes.dtype == bool and spikes.any()
    np.testing.assert_array_equal(spikes.sum(axis=0), observed.spike_counts)
    of_pool = spikes[:, :5].sum(axis=1)
    np.testing.assert_array_equal(of_pool, observed.readout_by_step)


@pytest.mark.parametrize("before", [3, 77])
def test_a_state_with_a_longer_past_goes_on_as_the_short_one(
    tiny_network, current, before
):
    settings, frozen = SimulationSettings.default(), PlasticitySettings.default()
    model = build_model(tiny_network, settings, frozen)
    tables, pool = unplastic_rules(tiny_network.n_types, LANES), jnp.arange(5)

    def run(model, state, part):
        return reference.run_steps(
            *(model, tables, state, jnp.asarray(part), pool),
            StepOptions(frozen, plastic=False),
        )

    state, _ = run(model, initial_state(model, LANES), current[:before])
    short, seen = run(model, state, current[before:])
    longer = with_long_history(model, HISTORY_STEPS)
    long, seen_too = run(longer, with_long_past(state, HISTORY_STEPS), current[before:])
    assert model.n_delay_slots < HISTORY_STEPS
    np.testing.assert_array_equal(seen.spike_counts, seen_too.spike_counts)
    np.testing.assert_array_equal(short.neuron.voltage_mV, long.neuron.voltage_mV)
