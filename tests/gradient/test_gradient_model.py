from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gradient_toys import noise_pA

from evoplast.gradient.model import (
    edge_current,
    gradient_model,
    initial_state,
    initial_strength,
    scaled_voltage,
    step,
    strength_gradient,
    weight_pA,
)
from evoplast.gradient.surrogate import pseudo_derivative, spike, undamped
from evoplast.simulator import PlasticitySettings, simulation_step
from evoplast.simulator import initial_state as simulator_start

STEPS, LANES = 60, 2


@pytest.fixture(scope="module")
def current_pA(tiny_network):
    shape = (STEPS, tiny_network.n_neurons, LANES)
    return jnp.asarray(noise_pA(tiny_network, shape, seed=1))


@jax.jit
def run(model, strength, epsilon, current_pA):
    """Return the last state, spikes (T, N, B) and voltages (T, N, B)."""
    edges = edge_current(model, strength)

    def body(state, inputs):
        state, spikes = step(model, edges, state, *inputs)
        return state, (spikes, scaled_voltage(model, state))

    start = initial_state(model, current_pA.shape[2])
    return jax.lax.scan(body, start, (current_pA, epsilon))


def zeros(model, n_steps=STEPS, n_lanes=LANES):
    return jnp.zeros((n_steps, model.base.n_slots, model.base.n_neurons, n_lanes))


def test_spikes_and_voltages_equal_the_simulators(base, model, current_pA):
    @jax.jit
    def simulate(state, current_pA):
        def body(state, current):
            state, spikes = simulation_step(
                base, None, state, current, PlasticitySettings.default(), False
            )
            return state, spikes

        return jax.lax.scan(body, state, current_pA)

    strength = initial_strength(model)
    state, (spikes, _) = run(model, strength, zeros(model), current_pA)
    expected, expected_spikes = simulate(simulator_start(base, LANES), current_pA)
    assert expected_spikes.sum() > 20
    np.testing.assert_array_equal(spikes, expected_spikes)
    np.testing.assert_allclose(
        state.neuron.voltage_mV, expected.neuron.voltage_mV, atol=2e-3
    )


def test_strengths_and_weights_are_two_units_of_the_same(base, model):
    weights = weight_pA(model, initial_strength(model))
    np.testing.assert_allclose(weights, base.w_init, rtol=1e-6)


def test_the_gradient_outside_the_loop_is_that_of_the_weights(model, current_pA):
    weighting = jax.random.normal(jax.random.key(0), (model.base.n_neurons, 1))

    def loss(epsilon, strength):
        state, (spikes, voltage) = run(model, strength, epsilon, current_pA)
        return jnp.sum(weighting * jnp.mean(voltage + spikes, axis=0)), spikes

    start = initial_state(model, LANES)
    strength = initial_strength(model)
    grad = jax.jit(jax.grad(loss, argnums=(0, 1), has_aux=True))
    (felt, direct), spikes = grad(zeros(model), strength)
    outside = strength_gradient(model, felt, start.spikes, spikes)
    assert np.abs(direct).max() > 0
    np.testing.assert_allclose(
        outside, direct, rtol=1e-3, atol=1e-5 * np.abs(direct).max()
    )


def test_without_a_pseudo_derivative_the_gradient_is_the_difference_quotient(
    base, current_pA
):
    smooth = gradient_model(base, width=0.28, dampening=0.0)
    strength = initial_strength(smooth) + 0.05

    @jax.jit
    def final_voltage(strength):
        _, (spikes, voltage) = run(smooth, strength, zeros(smooth), current_pA)
        return jnp.mean(voltage), spikes

    slope, spikes = jax.grad(final_voltage, has_aux=True)(strength)
    direction = jnp.sign(slope)
    width = 1e-4
    above, spikes_above = final_voltage(strength + width * direction)
    below, spikes_below = final_voltage(strength - width * direction)
    # Spikes move the voltage by jumps; between jumps it is differentiable.
    np.testing.assert_array_equal(spikes_above, spikes_below)
    assert spikes.sum() > 20
    quotient = (above - below) / (2 * width)
    np.testing.assert_allclose(quotient, slope @ direction, rtol=0.02)


def test_the_spike_is_hard_and_its_derivative_is_the_gaussian():
    u = jnp.array([-0.5, -0.1, 0.0, 0.2])
    np.testing.assert_array_equal(spike(u, 0.28, 0.5), [0, 0, 0, 1])
    slope = jax.vmap(jax.grad(partial(spike, width=0.28, dampening=0.5)))(u)
    np.testing.assert_allclose(slope, 0.5 * np.exp(-((np.array(u) / 0.28) ** 2)))
    assert pseudo_derivative(jnp.array(0.0), 0.28, 0.5) == 0.5


def test_the_readout_sees_an_undamped_spike():
    seen = jax.value_and_grad(lambda u: undamped(spike(u, 0.28, 0.25), 0.25))
    value, slope = seen(jnp.array(0.0001))
    assert value == 1.0
    np.testing.assert_allclose(slope, 1.0, rtol=1e-4)
