"""Some plastic trials of one rule in one network, as evoplast simulates them.

In: a world, a genome, a drive. Out: :class:`Learning`, all that another simulator needs
to repeat them, and what came out here. T trials, N neurons, E edges.
"""

from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from evoplast.artefacts.seeds import named_seed
from evoplast.evaluation import World, task_sequence
from evoplast.network import Gains, Network, with_gains
from evoplast.rules import Brian2Rule, brian2_equations, decode
from evoplast.simulator import (
    REFERENCE_KERNEL,
    delay_in_steps,
    lane_rules,
    recurrent_gain,
)
from evoplast.stimuli import Drive, Sequence, make_drive
from evoplast.task import (
    TaskSettings,
    TrialOptions,
    Trials,
    initial_task_state,
    run_trials,
)

# A balanced sequence needs some trials; the first of them are shown.
_FEWEST_DRAWN = 80


@dataclass(frozen=True)
class Learning:
    """Plastic trials from rest.

    Attributes:
        network: recurrent weights with the run's gain, delays in whole ms.
        rule: in Brian2's language; it is relative to the mean initial weight of a pair
            of types, so the gain does not change it.
        task: the run's settings.
        phi: threshold of the rule.
        readout: (n,) indices of the pool.
        drive: currents (T, ms, N) pA with the gains of the input, and changes.
        counts: (T, N) our spikes in each trial.
        decision: (T,) bool, ours.
        weight_pA: (E,) our weights at the end, signed, with the gain.
    """

    network: Network
    rule: Brian2Rule
    task: TaskSettings
    phi: float
    readout: np.ndarray
    drive: Drive
    counts: np.ndarray
    decision: np.ndarray
    weight_pA: np.ndarray


def first_training_trials(world: World, task: str, seed: int, n_trials: int) -> Drive:
    """Return the drive of the first ``n_trials`` of a training sequence of ``task``.

    Raises:
        UserError: the world has no stimuli for the task.
    """
    n_drawn = max(n_trials, _FEWEST_DRAWN)
    drawn = task_sequence(world, task, seed, "training", n_drawn, "training")
    shown = Sequence(drawn.stimulus[:n_trials], drawn.change[:n_trials])
    return make_drive(world.inputs[task], shown, named_seed(seed, task, "noise"))


def record_learning(world: World, genome: np.ndarray, drive: Drive) -> Learning:
    """Simulate the trials of ``drive`` with the rule ``genome`` (D,), and record them.

    Raises:
        UserError: the genome does not fit the world.
    """
    settings, names = world.settings, world.cell_types.names
    rule = brian2_equations(world.rule_space, genome, names, settings.plasticity)
    parameters = decode(world.rule_space, np.asarray(genome, np.float32)[None])
    options = TrialOptions(
        task=settings.task,
        plasticity=settings.plasticity,
        kernel=REFERENCE_KERNEL,
        keep_counts=True,
    )
    after, record = run_trials(
        world.model,
        lane_rules(parameters, 1, settings.plasticity),
        world.readout,
        initial_task_state(world.model, settings.task, 1),
        Trials(
            jnp.asarray(drive.current_pA)[..., None],
            jnp.asarray(drive.change)[:, None],
            jnp.int32(len(drive.change)),
        ),
        options,
    )
    early, late = record.counts_until_decision, record.counts_after_decision
    gain = recurrent_gain(world.network, settings.simulation)
    network = with_gains(world.network, Gains(recurrent=gain))
    return Learning(
        network=_in_steps(network),
        rule=rule,
        task=settings.task,
        phi=float(np.asarray(parameters.phi)[0]),
        readout=np.asarray(world.readout),
        drive=drive,
        counts=(np.asarray(early, int) + np.asarray(late, int))[..., 0],
        decision=np.asarray(record.decision)[:, 0],
        weight_pA=gain * _signed(world, np.asarray(after.simulation.weights)[:, 0]),
    )


def _signed(world: World, strengths: np.ndarray) -> np.ndarray:
    """Return strengths in the order of the network's edges, with their signs."""
    index = np.asarray(world.model.edge_index)
    ordered = np.empty(world.network.n_edges, np.float32)
    ordered[index[index >= 0]] = strengths[index >= 0]
    return np.sign(world.network.edges.weight_pA) * ordered


def _in_steps(network: Network) -> Network:
    delay_ms = delay_in_steps(network.edges.delay_ms).astype(np.float32)
    return replace(network, edges=replace(network.edges, delay_ms=delay_ms))
