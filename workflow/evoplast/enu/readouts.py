"""Read-outs of single units: reference scores, STDP windows, rates and spikes.

In: outputs (T, E) of one unit on a ``Batch``. Out: NumPy numbers for tables and
figures. Relative changes are in percent.
"""

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.enu.tasks import SPIKE_OUTPUT, Batch, UnitTask

FIRST_STEPS_LEFT_OUT = 3
SHORTEST_AFTERMATH = 3
CLIP_PERCENT = 100.0
SMALLEST_OUTPUT = 1e-6
CHUNK = 4096


def relative_change(outputs: np.ndarray, batch: Batch) -> np.ndarray:
    """Return by how many percent the output (T, E) changed after the spike pair.

    Mean output after the step in which the later spike is seen against the mean
    before it, without the first three steps, limited to +-100 percent. NaN where
    fewer than three steps follow.
    """
    steps = np.arange(outputs.shape[0])[:, None]
    seen = np.maximum(batch.pre_step, batch.post_step) + 1
    before = (steps >= FIRST_STEPS_LEFT_OUT) & (steps < seen)
    after = steps > seen
    mean_before = (outputs * before).sum(0) / np.maximum(before.sum(0), 1)
    mean_after = (outputs * after).sum(0) / np.maximum(after.sum(0), 1)
    ratio = mean_after / np.maximum(mean_before, SMALLEST_OUTPUT)
    change = np.clip(100.0 * (ratio - 1.0), -CLIP_PERCENT, CLIP_PERCENT)
    return np.where(after.sum(0) >= SHORTEST_AFTERMATH, change, np.nan)


def explained_variance(measured: np.ndarray, wanted: np.ndarray) -> float:
    """Return R2 of ``measured`` as a prediction of ``wanted``; NaNs left out."""
    valid = np.isfinite(measured) & np.isfinite(wanted)
    residual = np.sum((measured - wanted)[valid] ** 2)
    total = np.sum((wanted[valid] - wanted[valid].mean()) ** 2)
    return float(1.0 - residual / total)


def window_fit(outputs: np.ndarray, batch: Batch, modulator: int = 1) -> float:
    """Return R2 of the relative change against that of the target.

    Args:
        outputs: (T, E).
        batch: the sequences.
        modulator: use the sequences with this value of the neuromodulator only.
    """
    chosen = np.asarray(batch.modulator) == modulator
    measured = relative_change(np.asarray(outputs), batch)[chosen]
    wanted = relative_change(np.asarray(batch.target), batch)[chosen]
    return explained_variance(measured, wanted)


def spike_counts(outputs: np.ndarray | jax.Array) -> np.ndarray:
    """Return the number of spikes (E,) in outputs (T, E)."""
    return (np.asarray(outputs) > SPIKE_OUTPUT).sum(axis=0)


def rate_match(outputs: np.ndarray, batch: Batch) -> tuple[float, float]:
    """Return the unit's spikes per target spike and the correlation of counts."""
    counts, wanted = spike_counts(outputs), spike_counts(batch.target)
    ratio = counts.sum() / max(wanted.sum(), 1)
    if counts.std() == 0 or wanted.std() == 0:
        return float(ratio), float("nan")
    return float(ratio), float(np.corrcoef(counts, wanted)[0, 1])


def reference_outputs(task: UnitTask, batch: Batch) -> dict[str, jax.Array]:
    """Return outputs (T, E) of units that need no evolution."""
    zero = jnp.zeros_like(batch.target)
    outputs = {"silent": zero, "always on": zero + 1.0, "target": batch.target}
    if task.spiking:
        late = jnp.concatenate([zero[:1], batch.target[:-1]])
        return {**outputs, "target one step late": late}
    return {**outputs, "constant 0.5": zero + 0.5, "copying": batch.inputs[..., 0]}


def reference_scores(
    task: UnitTask, key: jax.Array, n_sequences: int
) -> dict[str, tuple[float, float]]:
    """Return mean fitness and its standard error for the reference units.

    At least ``n_sequences`` sequences are drawn, in chunks of 4096.
    """

    @jax.jit
    def chunks(keys: jax.Array) -> dict[str, jax.Array]:
        return jax.lax.map(score, keys)

    def score(chunk_key: jax.Array) -> dict[str, jax.Array]:
        batch = task.draw(chunk_key, CHUNK)
        return {
            name: task.fitness(outputs[:, None], batch)[0]
            for name, outputs in reference_outputs(task, batch).items()
        }

    fitness = chunks(jax.random.split(key, whole_chunks(n_sequences) // CHUNK))
    return {name: _mean_and_error(values) for name, values in fitness.items()}


def whole_chunks(n_sequences: int) -> int:
    """Return how many sequences are drawn where at least ``n_sequences`` are asked."""
    return -(-n_sequences // CHUNK) * CHUNK


def _mean_and_error(values: jax.Array) -> tuple[float, float]:
    own = np.asarray(values, np.float64)
    return float(own.mean()), float(own.std() / np.sqrt(own.size))
