"""A few trials of the network before learning: its input and every spike of it.

In: a world, a task, a seed, a number of trials. Out: :class:`Experiment`, all that
another simulator needs to repeat them, and our spikes to compare with. T steps of 1 ms,
N neurons.
"""

from dataclasses import dataclass, replace

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import named_seed
from evoplast.evaluation import World, task_sequence
from evoplast.network import Gains, Network, with_gains
from evoplast.simulator import SpikeRecorder, delay_in_steps, recurrent_gain
from evoplast.stimuli import Drive, Sequence, make_drive

# A balanced sequence needs some trials; the first of them are shown.
_FEWEST_DRAWN = 21


@dataclass(frozen=True)
class Experiment:
    """Trials of a network whose weights rest.

    Attributes:
        network: recurrent weights with the gain, delays in whole steps of 1 ms.
        trial_ms: length of a trial.
        stimulus: (trials,) index of each trial's image in the stimulus set.
        current_pA: (T, N) float32, LGN and background after their synapses, gains
            included; constant within a step.
        spikes: (T, N) bool, ours.
    """

    network: Network
    trial_ms: int
    stimulus: np.ndarray
    current_pA: np.ndarray
    spikes: np.ndarray


def record_experiment(world: World, task: str, seed: int, n_trials: int) -> Experiment:
    """Simulate ``n_trials`` test trials of ``task`` from rest, without plasticity.

    Raises:
        UserError: no trial, or a task that the world does not have.
    """
    if n_trials < 1 or task not in world.task_names:
        raise UserError(
            f"{n_trials} trials of {task!r} were asked for; give at least 1 of "
            f"{', '.join(world.task_names)}."
        )
    network, simulation = world.network, world.settings.simulation
    drive = _first_trials(world, task, seed, n_trials)
    current_pA = drive.current_pA.reshape(-1, network.n_neurons)
    recorder = SpikeRecorder(network, simulation, n_lanes=1)
    spikes = recorder.advance(current_pA[:, :, None])[:, :, 0]
    gains = Gains(recurrent=recurrent_gain(network, simulation))
    return Experiment(
        network=_in_steps(with_gains(network, gains)),
        trial_ms=world.settings.task.trial_ms,
        stimulus=drive.stimulus,
        current_pA=current_pA,
        spikes=spikes,
    )


def _first_trials(world: World, task: str, seed: int, n_trials: int) -> Drive:
    n_drawn = max(n_trials, _FEWEST_DRAWN)
    drawn = task_sequence(world, task, seed, "scored", n_drawn, "test")
    shown = Sequence(drawn.stimulus[:n_trials], drawn.change[:n_trials])
    return make_drive(world.inputs[task], shown, named_seed(seed, task, "noise"))


def _in_steps(network: Network) -> Network:
    delay_ms = delay_in_steps(network.edges.delay_ms).astype(np.float32)
    return replace(network, edges=replace(network.edges, delay_ms=delay_ms))
