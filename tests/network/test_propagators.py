import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from evoplast.network import glif3_propagators
from evoplast.network.propagators import refractory_steps

DT_MS = 1.0


@pytest.fixture(scope="module")
def propagators(tiny_network):
    return glif3_propagators(tiny_network.cells, tiny_network.tau_syn_ms, DT_MS)


def _integrate(cells, neuron, tau_syn_ms, state):
    """Integrate V, asc and one alpha synapse over one step with a general solver."""
    k = cells.asc_decay_per_ms[neuron]

    def slope(_, y):
        v, asc, y1, y2 = y[0], y[1:3], y[3], y[4]
        current = asc.sum() + y2
        return [
            (current - cells.g_nS[neuron] * v) / cells.C_m_pF[neuron],
            *(-k * asc),
            -y1 / tau_syn_ms,
            y1 - y2 / tau_syn_ms,
        ]

    return solve_ivp(slope, (0, DT_MS), state, rtol=1e-11, atol=1e-12).y[:, -1]


@pytest.mark.parametrize("neuron", [0, 20, 59])
@pytest.mark.parametrize("port", [0, 1, 2, 3])
def test_one_step_equals_the_differential_equations(
    tiny_network, propagators, neuron, port
):
    p, v, asc, y1, y2 = propagators, 7.0, np.array([-30.0, 55.0]), 12.0, 40.0
    exact = _integrate(
        tiny_network.cells,
        neuron,
        tiny_network.tau_syn_ms[port],
        [v, *asc, y1, y2],
    )
    stepped = p.P33[neuron] * v + p.P31[neuron, port] * y1 + p.P32[neuron, port] * y2
    # The mean of an after-spike current over the step is what NEST lets act; it
    # differs from the exact convolution by a term of second order in the step.
    mean_asc = p.P30[neuron] * (p.asc_stable[neuron] * asc).sum()
    assert stepped + mean_asc == pytest.approx(exact[0], abs=0.02)
    no_asc = _integrate(
        tiny_network.cells, neuron, tiny_network.tau_syn_ms[port], [v, 0, 0, y1, y2]
    )
    assert stepped == pytest.approx(no_asc[0], rel=1e-8)
    assert p.asc_decay[neuron] * asc == pytest.approx(exact[1:3], rel=1e-8)
    assert p.P11[port] * y1 == pytest.approx(exact[3], rel=1e-8)
    assert p.P21[port] * y1 + p.P22[port] * y2 == pytest.approx(exact[4], rel=1e-8)


def test_equal_time_constants_are_no_singularity(tiny_network):
    cells = dataclasses.replace(
        tiny_network.cells, C_m_pF=5.5 * tiny_network.cells.g_nS
    )
    near = glif3_propagators(cells, tiny_network.tau_syn_ms * (1 + 1e-7), DT_MS)
    exact = glif3_propagators(cells, tiny_network.tau_syn_ms, DT_MS)
    np.testing.assert_allclose(exact.P31, near.P31, rtol=1e-6)
    np.testing.assert_allclose(exact.P32, near.P32, rtol=1e-6)


def test_unit_weight_peaks_at_one_after_tau_syn(tiny_network):
    fine = glif3_propagators(tiny_network.cells, tiny_network.tau_syn_ms, 0.1)
    for port, tau_ms in enumerate(tiny_network.tau_syn_ms):
        y1, y2, course = fine.psc_initial[port], 0.0, []
        for _ in range(200):
            y1, y2 = fine.P11[port] * y1, fine.P21[port] * y1 + fine.P22[port] * y2
            course.append(y2)
        assert max(course) == pytest.approx(1.0, rel=1e-3)
        assert (np.argmax(course) + 1) * 0.1 == pytest.approx(tau_ms, abs=0.11)


def test_refractory_time_is_rounded_up_to_whole_steps():
    t_ref_ms = np.array([3.0, 4.65, 2.4, 0.6])
    np.testing.assert_array_equal(refractory_steps(t_ref_ms, 1.0), [3, 5, 3, 1])
    np.testing.assert_array_equal(refractory_steps(t_ref_ms, 0.1), [30, 47, 24, 6])
