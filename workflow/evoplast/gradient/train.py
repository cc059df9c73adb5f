"""Training runs of the gradient baseline.

In: a network, the prepared input and stimuli of each task, settings. Out: a table of
test accuracy against trials seen. Every learning rate of every optimiser sees the
same training sequences and is measured on the same test trials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import pandas as pd

from evoplast.artefacts.progress import Progress
from evoplast.configuration.sections.gradient import GradientSettings
from evoplast.gradient.losses import target_rates
from evoplast.gradient.measure import NOT_MEASURED, measure
from evoplast.gradient.model import gradient_model
from evoplast.gradient.trials import TrialSource, draw_trials, updates
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


def train_all(
    network: Network,
    inputs: Mapping[str, PreparedInput],
    stimuli: Mapping[str, StimulusSet],
    mouse: MouseReference,
    simulation: SimulationSettings,
    task: TaskSettings,
    settings: GradientSettings,
    optimiser: str,
    seed: int,
    log_path: str | Path | None = None,
) -> pd.DataFrame:
    """Train with ``optimiser`` on each task, learning rate and seed.

    ``inputs`` and ``stimuli`` are keyed by task; ``seed`` is the root seed. Returns
    one row per test, columns: optimiser, learning_rate, task, seed (index of the
    run), samples_seen (trials presented), accuracy, standard_error,
    balanced_accuracy, n_scored, mean_rate_hz, loss, cross_entropy, gradient_norm
    (before clipping; these three are medians since the test before, NaN in the
    first row) and diverged. A run whose loss or gradient is not finite ends with a
    row that is marked as diverged and has no accuracy.

    Raises:
        UserError: the optimiser is unknown or settings contradict each other.
    """
    rates = settings.learning_rates(optimiser)
    problem = make_problem(network, mouse, simulation, task, settings)
    total = len(inputs) * settings.seeds * settings.n_updates
    rows: list[dict] = []
    with Progress(total, f"gradient {optimiser}", log_path) as progress:
        for name in inputs:
            for run in range(settings.seeds):
                source = TrialSource(
                    inputs[name], stimuli[name], task.change_probability, seed, run
                )
                rows += train(problem, source, optimiser, rates, progress)
    return pd.DataFrame(rows)


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
        pool=jnp.asarray(readout_pool(network)),
        target_per_ms=jnp.asarray(target),
        task=task,
        settings=settings,
    )


def train(
    problem: Problem,
    source: TrialSource,
    optimiser: str,
    learning_rates: tuple[float, ...],
    progress: Progress,
) -> list[dict]:
    """Train one run per learning rate side by side; return the table's rows."""
    settings = problem.settings
    test = _test_trials(source, settings)
    tests = _test_updates(settings)
    runs = [_start(problem, optimiser, rate) for rate in learning_rates]
    for run in runs:
        _record(problem, source, run, test, 0)
    stream = islice(_training_trials(source, settings), settings.n_updates)
    for number, trials in enumerate(stream, start=1):
        for run in runs:
            if not run.diverged:
                _advance(problem, run, trials)
                _record_if_due(problem, source, run, test, number, tests)
        progress.step(**_shown(runs))
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


def _record_if_due(
    problem: Problem,
    source: TrialSource,
    run: Run,
    test: Trials,
    number: int,
    tests: set[int],
) -> None:
    if run.diverged or number in tests:
        _record(problem, source, run, test, number * problem.settings.trials_per_step)


def _record(
    problem: Problem, source: TrialSource, run: Run, test: Trials, samples_seen: int
) -> None:
    """Test the run and add a row to its table."""
    result = NOT_MEASURED
    if not run.diverged:
        result = measure(problem, run.parameters.strength, test)
    run.rows.append(
        {
            "optimiser": run.optimiser,
            "learning_rate": run.learning_rate,
            "task": source.stimuli.name,
            "seed": source.run,
            "samples_seen": samples_seen,
            **asdict(result),
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


def _shown(runs: list[Run]) -> dict[str, float]:
    """Return the numbers for the progress line: the best last test."""
    best = np.nanmax([run.rows[-1]["accuracy"] for run in runs] + [0.0])
    return {"best_accuracy": float(best)}


def _test_updates(settings: GradientSettings) -> set[int]:
    """Return the numbers of the updates after which the runs are tested."""
    points = np.linspace(0, settings.n_updates, max(settings.test_points, 2))
    return {int(point) for point in np.rint(points[1:])}


def _test_trials(source: TrialSource, settings: GradientSettings) -> Trials:
    scored = -(-settings.test_trials // settings.batch_size)
    return draw_trials(source, scored + 1, settings.batch_size, "test", 0)


def _training_trials(
    source: TrialSource, settings: GradientSettings
) -> Iterator[Trials]:
    """Yield the trials of one update after another, without end."""
    for block in count():
        trials = draw_trials(
            source,
            settings.trials_per_sequence,
            settings.batch_size,
            "training",
            block,
        )
        yield from updates(trials, settings.trials_per_update)
