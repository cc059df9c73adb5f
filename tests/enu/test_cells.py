"""Cells against a plain NumPy step, their sizes and their refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.enu.cells import (
    KINDS,
    Cell,
    CellState,
    initial_genome,
    initial_state,
    rollout,
    step,
    unpack,
)

GATED = ("enu", "nfenu", "gru", "shared_enu")


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def numpy_matrices(cell, genome):
    parts, start = [], 0
    for rows, columns in cell.shapes.values():
        parts.append(genome[start : start + rows * columns].reshape(rows, columns))
        start += rows * columns
    return parts


def numpy_gated_step(cell, genome, h, o, x, slope, offset, feedback, gain=1.0):
    w_g, w_c, w_o = numpy_matrices(cell, genome)
    u = np.concatenate([x, o]) if feedback else x
    raw = np.concatenate([u, h, [1.0]]) @ w_g
    r = sigmoid(slope * (raw[: h.size] - offset))
    z = sigmoid(slope * raw[h.size :])
    c = np.tanh(slope * (np.concatenate([u, r * h, [1.0]]) @ w_c))
    h = (1 - z) * h + z * c
    return h, np.clip(gain * (np.concatenate([h, [1.0]]) @ w_o), 0, 1)


def numpy_lstm_step(cell, genome, h, c, x):
    w_g, w_o = numpy_matrices(cell, genome)
    i, f, o, g = np.split(np.concatenate([x, h, [1.0]]) @ w_g, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c, np.clip(np.concatenate([h, [1.0]]) @ w_o, 0, 1)


def random_case(cell, n_offspring=2, n_instances=3):
    rng = np.random.default_rng(5)
    genomes = rng.normal(0, 0.4, (n_offspring, cell.n_parameters))
    start = initial_state(cell, n_offspring, n_instances)
    memory = rng.uniform(-1, 1, start.memory.shape)
    output = rng.uniform(0, 1, start.output.shape)
    x = rng.uniform(0, 1, (n_offspring, n_instances, cell.n_inputs))
    return genomes, memory, output, x


def device_step(cell, genomes, memory, output, x):
    weights = unpack(cell, jnp.asarray(genomes, jnp.float32))
    state = CellState(jnp.float32(memory), jnp.float32(output))
    return step(cell, weights, state, jnp.float32(x))


@pytest.mark.parametrize("kind", GATED)
def test_gated_step_agrees_with_plain_numpy(kind):
    cell = Cell(kind, n_inputs=4, n_outputs=2, n_memory=5)
    case = random_case(cell)
    after = device_step(cell, *case)
    slope, offset = (1.0, 0.0) if kind == "gru" else (3.0, 1.0)
    feedback = kind in ("enu", "shared_enu")
    for p, b in np.ndindex(2, 3):
        genomes, memory, output, x = case
        h, o = numpy_gated_step(
            cell,
            genomes[p],
            memory[p, b],
            output[p, b],
            x[p, b],
            slope,
            offset,
            feedback,
        )
        np.testing.assert_allclose(after.memory[p, b], h, atol=2e-6)
        np.testing.assert_allclose(after.output[p, b], o, atol=2e-6)


def test_lstm_step_agrees_with_plain_numpy():
    cell = Cell("lstm", n_inputs=4, n_outputs=2, n_memory=5)
    genomes, memory, output, x = random_case(cell)
    after = device_step(cell, genomes, memory, output, x)
    for p, b in np.ndindex(2, 3):
        h, c = memory[p, b, :5], memory[p, b, 5:]
        h, c, o = numpy_lstm_step(cell, genomes[p], h, c, x[p, b])
        np.testing.assert_allclose(after.memory[p, b], np.r_[h, c], atol=2e-6)
        np.testing.assert_allclose(after.output[p, b], o, atol=2e-6)


def test_spiking_output_is_a_thousand_times_steeper():
    cell = Cell("enu", n_inputs=1, n_outputs=1, n_memory=5, spiking=True)
    genomes, memory, output, x = random_case(cell)
    genomes *= 1e-2
    after = device_step(cell, genomes, memory, output, x)
    _, o = numpy_gated_step(
        cell, genomes[0], memory[0, 0], output[0, 0], x[0, 0], 3.0, 1.0, True, 1000.0
    )
    np.testing.assert_allclose(after.output[0, 0], o, atol=1e-3)


def test_zero_weights_leave_the_reset_gate_closed_and_the_update_gate_half_open():
    assert sigmoid(3.0 * (0.0 - 1.0)) == pytest.approx(0.0474, abs=1e-4)
    cell = Cell("enu", n_inputs=1, n_outputs=1, n_memory=1)
    genome = np.zeros((1, cell.n_parameters))
    candidate_from_memory = cell.shapes["gates"][0] * 2 + 2
    genome[0, candidate_from_memory] = 1.0
    after = device_step(cell, genome, [[[0.8]]], [[[0.0]]], [[[0.0]]])
    expected = 0.5 * 0.8 + 0.5 * np.tanh(3 * 0.0474259 * 0.8)
    assert float(after.memory[0, 0, 0]) == pytest.approx(expected, abs=1e-6)


def test_noise_enters_before_the_clipping():
    cell = Cell("enu", n_inputs=1, n_outputs=1, n_memory=2)
    weights = unpack(cell, jnp.zeros((1, cell.n_parameters)))
    state = initial_state(cell, 1, 3)
    noise = jnp.array([[[-0.5], [0.25], [7.0]]])
    after = step(cell, weights, state, jnp.zeros((1, 3, 1)), noise)
    np.testing.assert_array_equal(after.output[0, :, 0], [0.0, 0.25, 1.0])


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((1, 1), 3393), ((4, 1), 3681), ((16, 16), 6768), ((32, 16), 8304)],
)
def test_genome_sizes_are_the_published_ones(sizes, expected):
    assert Cell("enu", *sizes).n_parameters == expected


@pytest.mark.parametrize("kind", KINDS)
def test_initial_genome_has_orthonormal_columns_and_zero_bias(kind):
    cell = Cell(kind, n_inputs=4, n_outputs=1)
    genome = initial_genome(cell, jax.random.key(0))
    gates = np.asarray(unpack(cell, genome[None])["gates"][0])
    biases = np.zeros(gates.shape[1])
    if kind == "lstm":
        biases[32:64] = 1.0
    np.testing.assert_array_equal(gates[-1], biases)
    block = gates[:-1, :32]
    norms = np.linalg.norm(block, axis=0)
    assert genome.shape == (cell.n_parameters,)
    assert np.all(norms <= 1 + 1e-5) and norms.mean() > 0.9


def test_rollout_starts_from_silence_and_keeps_offspring_apart():
    cell = Cell("enu", n_inputs=4, n_outputs=1, n_memory=3)
    genomes = jax.random.normal(jax.random.key(1), (2, cell.n_parameters))
    inputs = jax.random.uniform(jax.random.key(2), (6, 4, 4))
    both = rollout(cell, genomes, inputs)
    alone = rollout(cell, genomes[1:], inputs)
    assert both.shape == (6, 2, 4, 1)
    np.testing.assert_allclose(both[:, 1:], alone, atol=1e-6)


def test_a_genome_of_another_size_is_refused():
    with pytest.raises(UserError, match="10 numbers .* has 3681"):
        unpack(Cell("enu", 4, 1), jnp.zeros((1, 10)))


def test_an_unknown_cell_is_refused():
    with pytest.raises(UserError, match="'elman' is unknown; choose one of enu"):
        Cell("elman", 4, 1)
