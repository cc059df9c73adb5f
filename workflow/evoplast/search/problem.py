r"""Noisy evaluation against a control group, as an EvoX problem.

In: a function that measures genomes in a named generation, and a control group of
fixed genomes. Out: an EvoX 0.9 ``Problem`` whose objectives are relative to the
control group's mean of the same generation.

One trial sequence and one network shift a whole generation alike. The group sees
the same sequence and network, so objective - control mean is free of that shift and
has the same expectation in every generation; running means of it are unbiased for
every genome, whenever it was born. (Adding a control mean that itself changes from
generation to generation would give old and new genomes different offsets.) For
display one common number is added afterwards, the control mean over all generations.

The measurement is host code, so the workflow has to run with ``jit_step=False``.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.evox_compat import Problem, State

# (genomes (n, D), generation) -> objectives (n, m) and flags (n,), 0 for valid.
Measure = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]

PROBLEM_ARRAYS = (
    "generation",
    "control_mean",
    "control_generations",
    "control_first",
    "control_last",
    "control_valid",
)


class ControlledProblem(Problem):
    """Objectives relative to a control group; see the module's text.

    ``corrected`` (m,) says which objectives are noisy and hence made relative;
    ``flag_names`` what the flags 0, 1, ... mean.
    """

    def __init__(
        self,
        measure: Measure,
        controls: np.ndarray,
        corrected: np.ndarray,
        flag_names: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.measure = measure
        self.controls = np.asarray(controls, np.float32)
        self.corrected = np.asarray(corrected, bool)
        self.flag_names = tuple(flag_names)

    def setup(self, key: jax.Array) -> State:
        """Return the state before the first generation."""
        zeros = np.zeros(len(self.corrected))
        return State(
            generation=np.int64(0),
            control_mean=zeros,
            control_generations=np.int64(0),
            control_first=zeros,
            control_last=zeros,
            control_valid=np.int64(0),
            relative_last=np.zeros((0, len(zeros))),
            flag_last=np.zeros(0, np.int64),
        )

    def evaluate(self, state: State, population: jax.Array) -> tuple[jax.Array, State]:
        """Return relative objectives (n, m) of ``population`` (n, D).

        Raises:
            UserError: not one candidate has finite objectives.
        """
        genomes = np.asarray(population, np.float32)
        n = len(genomes)
        values, flags = self.measure(
            np.concatenate([genomes, self.controls]), int(state.generation)
        )
        self._refuse_nothing_finite(values[:n], flags[:n], int(state.generation))
        state = self._note_controls(state, values[n:], flags[n:])
        relative = values[:n] - state.control_last
        state = state.replace(relative_last=relative, flag_last=flags[:n])
        return jnp.asarray(relative, jnp.float32), state

    def _note_controls(
        self, state: State, values: np.ndarray, flags: np.ndarray
    ) -> State:
        """Fold this generation's control mean into the state.

        Controls with a flag (silent, runaway) are left out; without any valid one
        the mean so far stands in, which shifts nothing.
        """
        valid = (flags == 0) & np.isfinite(values).all(axis=1)
        n, mean = int(state.control_generations), np.asarray(state.control_mean)
        now, n_now = mean, n
        if valid.any():
            n_now = n + 1
            now = np.where(self.corrected, values[valid].mean(axis=0), 0.0)
        return state.replace(
            generation=np.int64(int(state.generation) + 1),
            control_mean=mean + (now - mean) / max(n_now, 1),
            control_generations=np.int64(n_now),
            control_first=now if n == 0 else np.asarray(state.control_first),
            control_last=now,
            control_valid=np.int64(valid.sum()),
        )

    def _refuse_nothing_finite(
        self, values: np.ndarray, flags: np.ndarray, generation: int
    ) -> None:
        if np.isfinite(values).all(axis=1).any():
            return
        raise UserError(
            f"All {len(values)} candidates of generation {generation} have objectives "
            f"that are not finite ({self._reasons(flags)}); the state of the "
            "generation before is kept, so lower plasticity.eta or the gains and run "
            "again."
        )

    def _reasons(self, flags: np.ndarray) -> str:
        """Return for instance "candidates 0 to 30 runaway, 31 silent"."""
        parts = []
        for flag in np.unique(flags):
            known = flag < len(self.flag_names)
            name = self.flag_names[flag] if known else f"with flag {flag}"
            parts.append(f"{_ranges(np.flatnonzero(flags == flag))} {name}")
        return "candidates " + ", ".join(parts)


def _ranges(numbers: np.ndarray) -> str:
    """Return sorted ``numbers`` as text in which runs are ranges."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs
    )
