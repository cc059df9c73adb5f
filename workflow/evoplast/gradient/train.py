"""Training runs of the gradient baseline.

In: networks with the prepared input and stimuli of each task, settings. Out: a table of
test accuracy and of the network's biology against trials seen. Every learning rate of
every optimiser sees the same training sequences and is measured on the same trials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any, Protocol

import jax.numpy as jnp
import numpy as np
import optax
import pandas as pd

from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import named_seed
from evoplast.configuration.sections.gradient import GradientSettings
from evoplast.gradient.losses import target_rates
from evoplast.gradient.measure import NOT_MEASURED, measure
from evoplast.gradient.model import gradient_model
from evoplast.gradient.trials import (
    TEST,
    TRAINING,
    VALIDATION,
    TrialSource,
    draw_trials,
    updates,
)
from evoplast.gradient.update import (
    Lanes,
    Parameters,
    Problem,
    Report,
    Trials,
    apply_gradient,
    initial_lanes,
    initial_parameters,
    loss_and_gradient,
    transformation,
)
from evoplast.network import Network
from evoplast.objectives import MouseReference
from evoplast.simulator import NOT_PLASTIC, SimulationSettings, build_model
from evoplast.stimuli import PreparedInput, StimulusSet
from evoplast.task import TaskSettings, readout_pool


class Trainable(Protocol):
    """What is trained: a world of the evaluation, or anything with these parts."""

    network: Network
    inputs: Mapping[str, PreparedInput]
    stimulus_sets: Mapping[str, StimulusSet]
    mouse: MouseReference
    settings: Any


@dataclass
class Run:
    """A training run on its way: what changes, and the reports since the last test."""

    optimiser: str
    learning_rate: float
    parameters: Parameters
    memory: optax.OptState
    lanes: Lanes
    diverged: bool = False
    reports: list[Report] = field(default_factory=list)
    rows: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """What the runs of one network and task share.

    Attributes:
        problem: network, readout, settings; ``mouse``: reference of the rates.
        source: where trials come from.
        test, validation: trials that runs are reported on, and chosen by.
    """

    problem: Problem
    mouse: MouseReference
    source: TrialSource
    test: Trials
    validation: Trials


def train_all(
    worlds: Mapping[int, Trainable],
    settings: GradientSettings,
    optimiser: str,
    seed: int,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Train with ``optimiser`` on each network, task, learning rate and seed.

    ``worlds`` by instance; ``seed`` is the root seed; every network has sequences of
    its own. Returns one row per test, columns: instance, optimiser, learning_rate,
    task, seed (index of the run), samples_seen (trials presented), those of
    ``Measurement`` on test trials, validation_accuracy (training images, other
    sequences), loss, cross_entropy, gradient_norm (before clipping; these three are
    medians since the test before, NaN in the first row) and diverged. A run whose loss
    or gradient is not finite ends with a row that is marked as diverged and has no
    accuracy.

    Raises:
        UserError: the optimiser is unknown or settings contradict each other.
    """
    rates = settings.learning_rates(optimiser)
    benches = [
        (instance, world, name, run)
        for instance, world in sorted(worlds.items())
        for name in world.inputs
        for run in range(settings.seeds)
    ]
    rows: list[dict] = []
    total = len(benches) * settings.n_updates
    with Progress(total, f"gradient {optimiser}", log_path) as progress:
        for instance, world, name, run in benches:
            own = named_seed(seed, "gradient", instance)
            bench = make_bench(world, name, settings, own, run)
            found = train(bench, optimiser, rates, progress)
            rows += [{"instance": instance, **row} for row in found]
    return pd.DataFrame(rows)


def make_bench(
    world: Trainable, task_name: str, settings: GradientSettings, seed: int, run: int
) -> Bench:
    """Return what the runs of one network and task share; ``seed``: the network's."""
    task = world.settings.task
    source = TrialSource(
        world.inputs[task_name],
        world.stimulus_sets[task_name],
        task.change_probability,
        seed,
        run,
        task.balanced_stimuli,
    )
    return Bench(
        make_problem(
            world.network, world.mouse, world.settings.simulation, task, settings
        ),
        world.mouse,
        source,
        *(_scored_trials(source, settings, phase) for phase in (TEST, VALIDATION)),
    )


def make_problem(
    network: Network,
    mouse: MouseReference,
    simulation: SimulationSettings,
    task: TaskSettings,
    settings: GradientSettings,
) -> Problem:
    """Return the network with its readout and reference, ready to be trained."""
    base = build_model(network, simulation, NOT_PLASTIC)
    target = target_rates(mouse.mixture_hz, mouse.mixture_weights, network.n_neurons)
    return Problem(
        model=gradient_model(
            base, settings.surrogate_width, settings.surrogate_dampening
        ),
        pool=jnp.asarray(readout_pool(network, task)),
        target_per_ms=jnp.asarray(target),
        task=task,
        settings=settings,
    )


def train(
    bench: Bench,
    optimiser: str,
    learning_rates: tuple[float, ...],
    progress: Progress,
) -> list[dict]:
    """Train one run per learning rate side by side; return the table's rows."""
    settings = bench.problem.settings
    tests = _test_updates(settings)
    runs = [_start(bench.problem, optimiser, rate) for rate in learning_rates]
    for run in runs:
        _record(bench, run, 0)
    stream = islice(_training_trials(bench.source, settings), settings.n_updates)
    for number, trials in enumerate(stream, start=1):
        for run in runs:
            if not run.diverged:
                _advance(bench.problem, run, trials)
                if run.diverged or number in tests:
                    _record(bench, run, number * settings.trials_per_step)
        progress.step(best_accuracy=_best(runs))
    return [row for run in runs for row in run.rows]


def _start(problem: Problem, optimiser: str, learning_rate: float) -> Run:
    parameters = initial_parameters(problem)
    transform = transformation(optimiser, problem.settings.clip_norm)
    lanes = initial_lanes(problem, problem.settings.batch_size)
    return Run(optimiser, learning_rate, parameters, transform.init(parameters), lanes)


def _advance(problem: Problem, run: Run, trials: Trials) -> None:
    """Make one update, unless the loss or its gradient is not finite."""
    gradient, lanes, report = loss_and_gradient(
        problem, run.parameters, run.lanes, trials
    )
    run.reports.append(report)
    run.diverged = not bool(report.finite)
    if not run.diverged:
        run.lanes = lanes
        run.parameters, run.memory = apply_gradient(
            run.parameters,
            gradient,
            run.memory,
            run.learning_rate,
            run.optimiser,
            problem.settings.clip_norm,
        )


def _record(bench: Bench, run: Run, samples_seen: int) -> None:
    """Test the run and add a row to its table."""
    result, validation = NOT_MEASURED, NOT_MEASURED
    if not run.diverged:
        result, validation = (
            measure(bench.problem, run.parameters.strength, trials, bench.mouse)
            for trials in (bench.test, bench.validation)
        )
    run.rows.append(
        {
            "optimiser": run.optimiser,
            "learning_rate": run.learning_rate,
            "task": bench.source.stimuli.name,
            "seed": bench.source.run,
            "samples_seen": samples_seen,
            **asdict(result),
            "validation_accuracy": validation.accuracy,
            **_training_numbers(run.reports),
            "diverged": run.diverged,
        }
    )
    run.reports.clear()


def _training_numbers(reports: list[Report]) -> dict[str, float]:
    return {
        name: float(np.median([float(getattr(report, name)) for report in reports]))
        if reports
        else np.nan
        for name in ("loss", "cross_entropy", "gradient_norm")
    }


def _best(runs: list[Run]) -> float:
    """Return the best last test, for the progress line."""
    return float(np.nanmax([run.rows[-1]["accuracy"] for run in runs] + [0.0]))


def _test_updates(settings: GradientSettings) -> set[int]:
    """Return the numbers of the updates after which the runs are tested."""
    points = np.linspace(0, settings.n_updates, max(settings.test_points, 2))
    return {int(point) for point in np.rint(points[1:])}


def _scored_trials(
    source: TrialSource, settings: GradientSettings, phase: str
) -> Trials:
    scored = -(-settings.test_trials // settings.batch_size)
    return draw_trials(source, scored + 1, settings.batch_size, phase, 0)


def _training_trials(
    source: TrialSource, settings: GradientSettings
) -> Iterator[Trials]:
    """Yield the trials of one update after another, without end."""
    for block in count():
        trials = draw_trials(
            source,
            settings.trials_per_sequence,
            settings.batch_size,
            TRAINING,
            block,
        )
        yield from updates(trials, settings.trials_per_update)
