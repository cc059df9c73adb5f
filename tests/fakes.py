"""Worlds and an `evaluate` without a simulator: known truths, seeded noise."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from evoplast import rules
from evoplast.artefacts.seeds import numpy_rng

SPACE = rules.RuleSpace(n_types=3, phi_min=0.0, phi_max=1.0)
TASKS = ("gratings", "natural")
TYPES = ("e5", "i5Pvalb", "i5Sst")


@dataclass(frozen=True)
class FakeWorld:
    index: int
    offset: float = 0.0
    task_names: tuple = TASKS
    pool_size: int = 20

    @property
    def cell_types(self):
        return SimpleNamespace(names=TYPES)

    @property
    def mouse_rate_hz(self):
        return np.array([6.4, 17.0, np.nan])


def worlds(*indices, offset=0.0):
    return {i: FakeWorld(i, offset) for i in indices}


class FakeEvaluate:
    """Accuracy = truth(genome) + the world's offset + noise of independent trials.

    ``calls`` lists (world index, sequence seed, images, rules) of every call.
    """

    def __init__(self, truth=lambda genome: 0.5, noise=0.05, broken=()):
        self.truth, self.noise, self.broken = truth, noise, broken
        self.calls = []

    def __call__(
        self,
        world,
        genomes,
        sequence_seed,
        n_training,
        n_scored,
        split,
        record=(),
        racing=None,
    ):
        self.calls.append((world.index, sequence_seed, split, len(genomes)))
        truth = np.array([self.truth(g) for g in genomes]) + world.offset
        rng = numpy_rng(sequence_seed, split, world.index)
        noise = self.noise * rng.normal(size=(len(genomes), len(TASKS)))
        accuracy = truth[:, None] + noise
        return self._evaluation(genomes, accuracy, n_scored, record, rng)

    def _evaluation(self, genomes, accuracy, n_scored, record, rng):
        n = len(genomes)
        gates = rules.decode(SPACE, np.asarray(genomes, np.float32)).gates
        rate = 5.0 + np.arange(n)
        objectives = np.column_stack(
            [
                -accuracy.mean(axis=1),
                gates.sum(axis=1) / rules.N_TERMS,
                10 * rate,
                np.zeros(n),
                np.abs(rate - 5.1),
                rate / 10,
            ]
        )
        flag = np.isin(np.arange(n), self.broken).astype(int) * 2
        change, spikes = pool_response(n, n_scored, rng)
        return SimpleNamespace(
            objectives=objectives,
            accuracy=accuracy,
            balanced_accuracy=accuracy,
            # The opposite order tells which of the two somebody looks at.
            smoothed_accuracy=1.0 - accuracy,
            auc=accuracy + 0.05,
            mean_rate_hz=rate,
            rate_by_type=np.tile([6.0, 20.0, 3.0], (n, 1)),
            fraction_at_bound=np.full(n, 0.1),
            fraction_changed=np.full(n, 0.5),
            relative_weight_change=np.full(n, 0.3),
            flag=flag,
            change=change,
            recordings={"pool_spikes": spikes} if record else {},
        )


def pool_response(n, n_scored, rng, trial_ms=300):
    """Four spikes per trial at 100 ms after a repeat, six after a change."""
    change = np.zeros((len(TASKS), n_scored), bool)
    change[:, ::2] = True
    spikes = np.zeros((n, len(TASKS), n_scored, trial_ms), int)
    spikes[..., 100] = 4 + 2 * change
    return change, spikes


def genomes_with(*term_sets, phi=0.5):
    """One genome per set of term names, coefficients 1."""
    return np.stack(
        [
            rules.uniform_rule(SPACE, dict.fromkeys(terms, 1.0), phi=phi)
            for terms in term_sets
        ]
    )
