"""The evolvable neural unit (ENU) and its baselines, one interface.

In: genomes (P, G), one per offspring, and inputs (P, B, I) for B instances of the
unit per offspring. Out: memory and output (P, B, O) after one step. Every product
is batched over offspring, each of which has its own weights. All numbers are
dimensionless; the time step is one network step.

Kinds (Bertens and Lee 2020; sizes and gains of the GRU and LSTM baselines are not
published and are our choice):

* ``enu``: gated unit, argument of every gate times 3, reset gate closed by default,
  own output fed back as input;
* ``nfenu``: the same without the feedback of the output;
* ``gru``, ``lstm``: standard gates (slope 1, no offset, no output feedback);
* ``shared_enu``: an ENU whose network uses one set of weights for neurons and
  synapses (only in networks).
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from evoplast.artefacts.errors import UserError

SPIKING_GAIN = 1000.0
FORGET_BIAS = 1.0


@dataclass(frozen=True)
class Traits:
    """What distinguishes the kinds of unit: gates, feedback and slopes."""

    feedback: bool
    slope: float
    reset_offset: float
    is_lstm: bool = False


TRAITS = {
    "enu": Traits(feedback=True, slope=3.0, reset_offset=1.0),
    "nfenu": Traits(feedback=False, slope=3.0, reset_offset=1.0),
    "gru": Traits(feedback=False, slope=1.0, reset_offset=0.0),
    "lstm": Traits(feedback=False, slope=1.0, reset_offset=0.0, is_lstm=True),
    "shared_enu": Traits(feedback=True, slope=3.0, reset_offset=1.0),
}
KINDS = tuple(TRAITS)


@dataclass(frozen=True)
class Cell:
    """Kind and size of a unit: I inputs, O outputs, H memory channels.

    ``spiking`` multiplies the output by 1000 before it is clipped to [0, 1].

    Raises:
        UserError: the kind is unknown.
    """

    kind: str
    n_inputs: int
    n_outputs: int
    n_memory: int = 32
    spiking: bool = False

    def __post_init__(self) -> None:
        if self.kind not in TRAITS:
            raise UserError(
                f"cell {self.kind!r} is unknown; choose one of {', '.join(KINDS)}."
            )

    @property
    def traits(self) -> Traits:
        """Gates, feedback and slopes of this kind."""
        return TRAITS[self.kind]

    @property
    def n_rows(self) -> int:
        """Rows of the gate matrix: inputs, fed-back outputs, memory and bias."""
        feedback = self.n_outputs if self.traits.feedback else 0
        return self.n_inputs + feedback + self.n_memory + 1

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """Matrices of the genome in order; the last row of each is the bias."""
        rows, memory = self.n_rows, self.n_memory
        output = (memory + 1, self.n_outputs)
        if self.traits.is_lstm:
            return {"gates": (rows, 4 * memory), "output": output}
        gates, candidate = (rows, 2 * memory), (rows, memory)
        return {"gates": gates, "candidate": candidate, "output": output}

    @property
    def n_parameters(self) -> int:
        """Length of the genome."""
        return sum(rows * columns for rows, columns in self.shapes.values())


class CellState(NamedTuple):
    """Memory (P, B, H), or (P, B, 2H) for the LSTM, and output (P, B, O)."""

    memory: jax.Array
    output: jax.Array


def initial_state(cell: Cell, n_offspring: int, n_instances: int) -> CellState:
    """Return the state at birth: memory and output are zero."""
    memory = cell.n_memory * (2 if cell.traits.is_lstm else 1)
    batch = (n_offspring, n_instances)
    return CellState(jnp.zeros((*batch, memory)), jnp.zeros((*batch, cell.n_outputs)))


def _orthogonal_blocks(key: jax.Array, shape: tuple[int, int], width: int) -> jax.Array:
    rows, columns = shape
    blocks = -(-columns // width)
    draw = jax.nn.initializers.orthogonal()
    parts = [
        draw(jax.random.fold_in(key, block), (rows, min(width, columns)))
        for block in range(blocks)
    ]
    return jnp.concatenate(parts, axis=1).at[-1].set(0.0)


def initial_genome(cell: Cell, key: jax.Array) -> jax.Array:
    """Return a genome (G,): orthogonal blocks per gate, zero bias rows.

    The forget gate of the LSTM starts with bias 1.
    """
    parts = []
    for index, (name, shape) in enumerate(cell.shapes.items()):
        matrix_key = jax.random.fold_in(key, index)
        matrix = _orthogonal_blocks(matrix_key, shape, cell.n_memory)
        if cell.traits.is_lstm and name == "gates":
            forget = slice(cell.n_memory, 2 * cell.n_memory)
            matrix = matrix.at[-1, forget].set(FORGET_BIAS)
        parts.append(matrix.ravel())
    return jnp.concatenate(parts)


def unpack(cell: Cell, genomes: jax.Array) -> dict[str, jax.Array]:
    """Return the weight matrices (P, rows, columns) of genomes (P, G).

    Raises:
        UserError: the genomes have another length than the cell needs.
    """
    if genomes.shape[-1] != cell.n_parameters:
        raise UserError(
            f"A genome of {genomes.shape[-1]} numbers was given, but the {cell.kind} "
            f"unit with {cell.n_inputs} inputs and {cell.n_outputs} outputs has "
            f"{cell.n_parameters}; use a genome of the same cell and experiment."
        )
    weights, start = {}, 0
    for name, shape in cell.shapes.items():
        size = shape[0] * shape[1]
        weights[name] = genomes[:, start : start + size].reshape(-1, *shape)
        start += size
    return weights


def _product(rows: list[jax.Array], matrix: jax.Array) -> jax.Array:
    """Return [rows..., 1] @ matrix, (P, B, rows) x (P, rows, columns)."""
    stacked = jnp.concatenate([*rows, jnp.ones_like(rows[0][..., :1])], axis=-1)
    # Full single precision: GPUs would round to 10 bits, coarser than a mutation.
    return jnp.matmul(stacked, matrix, precision=jax.lax.Precision.HIGHEST)


def _gated_memory(
    cell: Cell, weights: dict, external: list[jax.Array], memory: jax.Array
) -> jax.Array:
    slope, offset = cell.traits.slope, cell.traits.reset_offset
    raw = _product([*external, memory], weights["gates"])
    reset_raw, update_raw = jnp.split(raw, 2, axis=-1)
    reset = jax.nn.sigmoid(slope * (reset_raw - offset))
    update = jax.nn.sigmoid(slope * update_raw)
    proposed = _product([*external, reset * memory], weights["candidate"])
    return (1.0 - update) * memory + update * jnp.tanh(slope * proposed)


def _lstm_memory(weights: dict, x: jax.Array, memory: jax.Array) -> jax.Array:
    hidden, carry = jnp.split(memory, 2, axis=-1)
    raw = _product([x, hidden], weights["gates"])
    enter, forget, leave, proposed = jnp.split(raw, 4, axis=-1)
    carry = jax.nn.sigmoid(forget) * carry + jax.nn.sigmoid(enter) * jnp.tanh(proposed)
    hidden = jax.nn.sigmoid(leave) * jnp.tanh(carry)
    return jnp.concatenate([hidden, carry], axis=-1)


def step(
    cell: Cell,
    weights: dict[str, jax.Array],
    state: CellState,
    x: jax.Array,
    noise: jax.Array | float = 0.0,
) -> CellState:
    """Advance every instance by one step.

    Args:
        cell: kind and size.
        weights: matrices from ``unpack``.
        state: memory (P, B, H) and output (P, B, O) of the previous step.
        x: input (P, B, I).
        noise: (P, B, O), added to the output before it is clipped, so that the
            fed-back output is noisy too.
    """
    if cell.traits.is_lstm:
        memory = _lstm_memory(weights, x, state.memory)
    else:
        external = [x, state.output] if cell.traits.feedback else [x]
        memory = _gated_memory(cell, weights, external, state.memory)
    visible = memory[..., : cell.n_memory]
    output = _product([visible], weights["output"]) + noise
    gain = SPIKING_GAIN if cell.spiking else 1.0
    return CellState(memory, jnp.clip(gain * output, 0.0, 1.0))


def rollout(cell: Cell, genomes: jax.Array, inputs: jax.Array) -> jax.Array:
    """Return outputs (T, P, E, O) of single units over whole lifetimes.

    Args:
        cell: kind and size.
        genomes: (P, G).
        inputs: (T, E, I), the same for all offspring (common random numbers).
    """
    weights = unpack(cell, genomes)
    n_offspring, n_sequences = genomes.shape[0], inputs.shape[1]

    def advance(state: CellState, x: jax.Array) -> tuple[CellState, jax.Array]:
        x = jnp.broadcast_to(x, (n_offspring, *x.shape))
        state = step(cell, weights, state, x)
        return state, state.output

    start = initial_state(cell, n_offspring, n_sequences)
    return jax.lax.scan(advance, start, inputs)[1]
