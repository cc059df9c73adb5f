"""One network's recording: its rules before and after learning, with two inputs.

In: a world, named rules, settings, a seed. Out: what ``evaluation.record`` returns, for
the input as it is and for one whose LGN has no slow lobes. The rule without plasticity
is the network before learning: it sees the same test.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from evoplast.analysis import NamedRules
from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings
from evoplast.evaluation import Trained, World, record
from evoplast.stimuli import prepare_input

WHOLE, CUT = "whole", "cut"
TESTS = (WHOLE, CUT)
"""The input of a test: as in training, or with the LGN's slow lobes cut."""


@dataclass(frozen=True)
class RecordSettings(Settings):
    """Recorded trials, looks at the weights, and where a cut LGN's kernels end."""

    SECTIONS: ClassVar[tuple[str, ...]] = ("recordings",)

    test_trials: int
    looks: int
    cut_kernel_ms: int


def looks_at(n_training: int, n_looks: int) -> tuple[int, ...]:
    """Return evenly spread numbers of training trials, 0 first and the total last.

    There are as many as trials allow, at most ``n_looks``.

    Raises:
        UserError: there is no training.
    """
    if n_training < 1:
        raise UserError(
            f"task.training_trials is {n_training}; a recording before and after "
            "learning needs at least 1."
        )
    last = min(max(n_looks, 2), n_training + 1) - 1
    return tuple(n_training * k // last for k in range(last + 1))


def with_cut_kernels(world: World, kernel_ms: int) -> World:
    """Return the world with LGN kernels cut after ``kernel_ms``, at the same drive.

    Raises:
        UserError: the kernels are no longer than that.
    """
    inputs = {}
    for name, prepared in world.inputs.items():
        if kernel_ms >= prepared.settings.lgn_kernel_ms:
            raise UserError(
                f"recordings.cut_kernel_ms is {kernel_ms}; to cut something off it "
                "must be below input.lgn_kernel_ms, "
                f"{prepared.settings.lgn_kernel_ms}."
            )
        shorter = replace(prepared.settings, lgn_kernel_ms=kernel_ms)
        inputs[name] = prepare_input(world.network, world.stimulus_sets[name], shorter)
    return replace(world, inputs=inputs)


def record_network(
    world: World,
    named: NamedRules,
    n_training: int,
    settings: RecordSettings,
    seed: int,
) -> Trained:
    """Train rules for ``n_training`` trials and record the test of each, by ``TESTS``.

    Raises:
        UserError: a setting that does not fit the task or the input.
    """
    return record(
        world,
        named.genomes,
        seed,
        looks_at(n_training, settings.looks),
        settings.test_trials,
        [world, with_cut_kernels(world, settings.cut_kernel_ms)],
    )
