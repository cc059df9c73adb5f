"""What becomes of rules if a synapse is updated only when its source fires.

In: worlds, settings, a seed. Out: tables with one row per way of training the same
random rules: exactly, exactly on another sequence, lazily. All are scored by the exact
kernel. Speed is not measured here: ``tests/bench/lazy.py`` counts operations.

A lazy kernel leaves a synapse alone while its source is silent. When the source fires,
and in a flush of all synapses every so many steps, it adds what the silent steps would
have added, from running sums for each target and type of source, and then this step's
own update. The sums do not know the strength: cap and bounds are applied once to the
whole, with the cap of as many steps. A spike arrives with the strength of the moment
it left. Here each synapse has a sum of its own: the same numbers without the rounding
of shared sums, so this is the best that a lazy kernel could do.

N neurons, E synapses, L lanes, P rules, k tasks. Run
``python -m evoplast.analysis.lazy_trial results/demo/network/network*.nc --stimuli
results/demo/stimuli/gratings.nc results/demo/stimuli/natural.nc`` for the tables.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import yaml
from scipy.stats import spearmanr

from evoplast.analysis.pareto import non_dominated
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import jax_key, named_seed
from evoplast.configuration.config import validated
from evoplast.evaluation import Evaluation, World, evaluate, make_drives
from evoplast.evaluation.drives import TRAINING
from evoplast.evaluation.files import open_worlds
from evoplast.network.types import Network
from evoplast.objectives import OK
from evoplast.rules import random_genomes
from evoplast.simulator import (
    LaneRules,
    Observed,
    PlasticitySettings,
    SimulationModel,
    SimulationState,
    kernel_named,
    mean_strength_by_pair,
    simulation_step,
)
from evoplast.simulator.kernels.fusion import computed_once
from evoplast.simulator.kernels.reference import relative_change
from evoplast.simulator.run import AUTO, KERNELS
from evoplast.stimuli import Drive

Array = jax.Array
ROOT = Path(__file__).parents[3]
EXACT, AGAIN = "exact", "exact, other sequence"
COMPOUND, LINEAR = "compound", "linear"
WEIGHTS = "weights"
NEAR_ZERO = 0.01
"""Of the mean initial strength of a synapse's type."""


@dataclass(frozen=True)
class LazyUpdate:
    """When all synapses are caught up, and how far n steps may change a strength w.

    flush_every: steps; they are also flushed at the decision and at the end of a
    trial. cap: with f the cap of one step, from (1 - f)^n w to (1 + f)^n w
    ("compound", what n capped steps can reach) or w -+ n f w ("linear"). With a flush
    in every step this is the exact rule.

    Raises:
        UserError: no step between flushes, or an unknown cap.
    """

    flush_every: int
    cap: str = COMPOUND

    def __post_init__(self) -> None:
        if self.flush_every < 1 or self.cap not in (COMPOUND, LINEAR):
            raise UserError(
                f"A flush every {self.flush_every} steps with the cap {self.cap!r} is "
                f"impossible; use 1 or more and {COMPOUND} or {LINEAR}."
            )

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"lazy, {self.cap} cap, flush every {self.flush_every}"


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Owed:
    """What synapses have not been given yet.

    change: (E, L) pA, sum over the silent steps; steps: (N, L) how many, by source.
    """

    change: Array
    steps: Array


def allowed_change(cap: str, per_step: float, steps: Array) -> tuple[Array, Array]:
    """Return the least and the largest relative change that ``steps`` steps allow."""
    if cap == LINEAR:
        return -per_step * steps, per_step * steps
    least, largest = (jnp.log1p(f) for f in (-per_step, per_step))
    return jnp.expm1(steps * least), jnp.expm1(steps * largest)


def caught_up(
    weights: Array, change: Array, low: Array | float, high: Array | float, bound: Array
) -> Array:
    """Return strengths (E, L) after a change limited to ``low`` to ``high`` of them."""
    limited = jnp.clip(change, low * weights, high * weights)
    return jnp.clip(weights + limited, 0.0, bound)


def lazy_weights(
    model: SimulationModel,
    update: LazyUpdate,
    per_step: float,
    weights: Array,
    owed: Owed,
    change: Array,
    due: Array,
    always: Array,
) -> tuple[Array, Owed]:
    """Return strengths and debts after one step.

    Args:
        model, update: the network, the way of updating.
        per_step: largest relative change in a step.
        weights, change: (E, L) strengths, and what this step adds unless limited.
        owed: of the steps before.
        due: (N, L) bool, whose synapses are caught up.
        always: True, but unknown when the program is compiled.
    """
    allowed = partial(allowed_change, update.cap, per_step)
    low, high = computed_once(allowed, always, owed.steps)
    source, bound = model.source, model.w_max[:, None]
    silent = caught_up(weights, owed.change, low[source], high[source], bound)
    now = caught_up(silent, change, -per_step, per_step, bound)
    return jnp.where(due[source], now, weights), Owed(
        change=jnp.where(due[source], 0.0, owed.change + change),
        steps=jnp.where(due, 0.0, owed.steps + 1.0),
    )


def run_lazily(
    update: LazyUpdate,
    model: SimulationModel,
    rules: LaneRules,
    state: SimulationState,
    current_pA: Array,
    readout: Array,
    plasticity: PlasticitySettings,
    plastic: bool,
    measure_synchrony: bool = False,
) -> tuple[SimulationState, Observed]:
    """Run T steps as every kernel does; exactly where nothing is plastic.

    Synchrony is not measured in plastic steps.
    """
    if not plastic:
        return kernel_named(AUTO).run_steps(
            *(model, rules, state, current_pA, readout),
            *(plasticity, plastic, measure_synchrony),
        )
    n_steps, n_lanes = current_pA.shape[0], state.weights.shape[1]
    repeats, per_step = n_lanes // current_pA.shape[2], plasticity.max_relative_change

    def step(carry: tuple, inputs: tuple) -> tuple[tuple, Array]:
        before, owed, counts = carry
        current, flush = inputs
        external = jnp.tile(current, (1, repeats))
        after, spikes = simulation_step(
            model, rules, before, external, plasticity, plastic=False
        )
        always = before.step >= 0
        signals = (spikes, before.trace, before.reward, always)
        # Otherwise computed anew for each of its uses, five times as slow.
        relative = computed_once(relative_change, always, model, rules, *signals)
        change = model.w_ref[:, None] * relative
        weights, owed = lazy_weights(
            *(model, update, per_step, before.weights, owed, change),
            *((spikes > 0) | flush, always),
        )
        trace = before.trace * rules.trace_keep[model.cell_type] + spikes
        reward = before.reward * rules.reward_keep
        after = replace(after, weights=weights, trace=trace, reward=reward)
        return (after, owed, counts + spikes), spikes[readout].sum(axis=0)

    none = jnp.zeros((model.n_neurons, n_lanes), jnp.float32)
    number = jnp.arange(1, n_steps + 1)
    flush = (number % update.flush_every == 0) | (number == n_steps)
    (after, _, counts), read = jax.lax.scan(
        step,
        (state, Owed(jnp.zeros_like(state.weights), none), none),
        (current_pA, flush),
    )
    return after, Observed(counts, read, jnp.zeros(n_lanes, jnp.float32))


@contextmanager
def lazy_world(world: World, update: LazyUpdate) -> Iterator[World]:
    """Give the world with lazy synapses, for as long as the context lasts."""
    KERNELS[update.name] = SimpleNamespace(
        run_steps=partial(run_lazily, update), prepare=lambda: None
    )
    simulation = replace(world.settings.simulation, kernel=update.name)
    settings = replace(world.settings, simulation=simulation)
    try:
        yield replace(world, settings=settings)
    finally:
        del KERNELS[update.name]


def without_recurrence(world: World) -> World:
    """Return the world with synapses that learn but are not felt.

    Spikes then do not depend on strengths: what differs is due to the update alone.
    """
    silent = jnp.zeros_like(world.model.signed_gain_pA)
    return replace(world, model=replace(world.model, signed_gain_pA=silent))


@dataclass(frozen=True)
class LazyTrialSettings:
    """How many random rules, how many best ones are compared, how all are trained.

    rules; keep; gate_probability; training_trials and validation_trials of each task;
    flush_every: steps between flushes.

    Raises:
        UserError: more rules are to be compared than there are.
    """

    rules: int
    keep: int
    gate_probability: float
    training_trials: int
    validation_trials: int
    flush_every: int

    def __post_init__(self) -> None:
        if not 1 <= self.keep < self.rules:
            raise UserError(
                f"The best {self.keep} of {self.rules} rules cannot be compared; give "
                "at least one and fewer than all."
            )

    @property
    def updates(self) -> tuple[LazyUpdate, ...]:
        """The exact rule in other arithmetic, then the two caps."""
        return (
            LazyUpdate(1),
            LazyUpdate(self.flush_every),
            LazyUpdate(self.flush_every, LINEAR),
        )


def lazy_trial(
    world: World,
    settings: LazyTrialSettings,
    seed: int,
    instance: int = 0,
    log_path: str | Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two tables with one row per way of training.

    The first: see ``compared`` and ``strengths_compared``. The second: strengths
    where spikes do not depend on them. ``instance`` is the number of the network: each
    has rules of its own.
    """
    genomes = random_genomes(
        world.rule_space,
        settings.rules,
        jax_key(seed, "lazy trial", "rules", instance),
        settings.gate_probability,
    )
    trials = (settings.training_trials, settings.validation_trials)
    seeds = [named_seed(seed, "lazy trial", number) for number in (0, 1)]
    first, other = (make_drives(world, own, *trials, TRAINING) for own in seeds)
    alone, network = without_recurrence(world), world.network
    with Progress(
        2 * len(settings.updates) + 2, f"network {instance}", log_path
    ) as log:
        felt = _trained(world, genomes, first, settings, log, settings.updates)
        felt[AGAIN] = _evaluated(world, genomes, other, settings)
        log.step(variant=AGAIN)
        fixed = _trained(alone, genomes, first, settings, log, settings.updates[1:])
    intact = np.all([result.flag == OK for result in felt.values()], axis=0)
    everyone = np.ones(settings.rules, bool)
    return (
        _rows(
            lambda result: (
                compared(result, felt[EXACT], intact, settings.keep)
                | strengths_compared(result, felt[EXACT], intact, network)
            ),
            *(felt, instance, intact),
        ),
        _rows(
            lambda result: strengths_compared(result, fixed[EXACT], everyone, network),
            *(fixed, instance, everyone),
        ),
    )


def _rows(
    compare: Callable[[Evaluation], dict],
    results: Mapping[str, Evaluation],
    instance: int,
    rules: np.ndarray,
) -> pd.DataFrame:
    rows = [
        {"network": instance, "variant": name, "rules": int(rules.sum())}
        | compare(result)
        for name, result in results.items()
    ]
    return pd.DataFrame(rows)


def _trained(
    world: World,
    genomes: np.ndarray,
    drives: Sequence[Drive],
    settings: LazyTrialSettings,
    log: Progress,
    updates: Sequence[LazyUpdate],
) -> dict[str, Evaluation]:
    """Return the evaluation of the same rules, exact and with each update."""
    found = {EXACT: _evaluated(world, genomes, drives, settings)}
    log.step(variant=EXACT)
    for update in updates:
        with lazy_world(world, update) as lazy:
            found[update.name] = _evaluated(lazy, genomes, drives, settings)
        log.step(variant=update.name)
    return found


def _evaluated(
    world: World,
    genomes: np.ndarray,
    drives: Sequence[Drive],
    settings: LazyTrialSettings,
) -> Evaluation:
    trials = (settings.training_trials, settings.validation_trials)
    return evaluate(world, genomes, 0, *trials, record=(WEIGHTS,), drives=drives)


def reference_strengths(network: Network) -> np.ndarray:
    """Return the mean initial strength of each synapse's type (E,), pA."""
    kind, edges = network.cells.cell_type, network.edges
    return mean_strength_by_pair(network)[kind[edges.target], kind[edges.source]]


def objectives_by_estimate(result: Evaluation) -> dict[str, np.ndarray]:
    """Return the objectives (P, 6) with objective 1 counted and smoothed."""
    smoothed = np.array(result.objectives, float)
    smoothed[:, 0] = -np.asarray(result.smoothed_accuracy).mean(axis=1)
    return {"counted": np.asarray(result.objectives, float), "smoothed": smoothed}


def compared(
    result: Evaluation, exact: Evaluation, intact: np.ndarray, keep: int
) -> dict[str, float]:
    """Return how the objectives of the ``intact`` rules differ from the exact ones.

    For objective 1 counted and smoothed: rank, Spearman's correlation; difference,
    the mean accuracy minus the exact one; best, the share of the ``keep`` best in
    common; front, the rules on both fronts of six objectives over those on either,
    with front_size. rate_rms_hz: r.m.s. difference of mean rates.
    """
    row, exactly = {}, objectives_by_estimate(exact)
    for name, values in objectives_by_estimate(result).items():
        own, true = values[intact], exactly[name][intact]
        best = [np.argsort(v[:, 0], kind="stable")[:keep] for v in (own, true)]
        fronts = non_dominated(own), non_dominated(true)
        row |= {
            f"{name}_rank": float(spearmanr(own[:, 0], true[:, 0])[0]),
            f"{name}_difference": float((true - own)[:, 0].mean()),
            f"{name}_best": float(np.isin(*best).mean()),
            f"{name}_front": (fronts[0] & fronts[1]).sum()
            / (fronts[0] | fronts[1]).sum(),
            f"{name}_front_size": int(fronts[0].sum()),
        }
    rate = (np.asarray(result.mean_rate_hz) - np.asarray(exact.mean_rate_hz))[intact]
    return row | {"rate_rms_hz": float(np.sqrt(np.mean(rate**2)))}


def strengths_compared(
    result: Evaluation, exact: Evaluation, rules: np.ndarray, network: Network
) -> dict[str, float]:
    """Return how trained strengths differ, over the mean of a synapse's type at first.

    at_bound: share of synapses that reached their upper bound; near_zero: that fell
    below NEAR_ZERO; strength_median, _p99, _max: of the absolute difference from the
    exact ones, over synapses, tasks and the chosen ``rules`` (P,) bool; rate_hz.
    """
    reference = reference_strengths(network)
    own, true = (
        found.recordings[WEIGHTS][rules] / reference for found in (result, exact)
    )
    faded = (own < NEAR_ZERO) & (
        np.abs(network.edges.weight_pA) / reference >= NEAR_ZERO
    )
    median, most, largest = np.quantile(np.abs(own - true), (0.5, 0.99, 1.0))
    return {
        "at_bound": float(np.asarray(result.fraction_at_bound)[rules].mean()),
        "near_zero": float(faded.mean()),
        "strength_median": float(median),
        "strength_p99": float(most),
        "strength_max": float(largest),
        "rate_hz": float(np.asarray(result.mean_rate_hz)[rules].mean()),
    }


def over_networks(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over networks; the largest ``strength_max``; s.e. of the ranks."""
    groups = table.drop(columns="network").groupby("variant", sort=False)
    means = groups.mean()
    means["strength_max"] = groups["strength_max"].max()
    for name in [column for column in means if column.endswith("_rank")]:
        means[f"{name}_se"] = groups[name].sem()
    return means


def study(
    worlds: Mapping[int, World],
    settings: LazyTrialSettings,
    seed: int,
    log_path: str | Path | None = None,
) -> Iterator[dict[str, pd.DataFrame]]:
    """Yield, after each network, its table and the means over networks so far."""
    felt, fixed = [], []
    for instance, world in worlds.items():
        tables = lazy_trial(world, settings, seed, instance, log_path)
        felt.append(tables[0])
        fixed.append(tables[1])
        yield {
            f"network {instance}": felt[-1].set_index("variant"),
            f"{len(felt)} networks": over_networks(pd.concat(felt)),
            "spikes fixed": over_networks(pd.concat(fixed)),
        }


def main() -> None:
    """Print the tables, one column per way of training."""
    options = _options()
    overlay = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    config = validated(overlay)
    task, search = config["task"], config["search"]
    settings = LazyTrialSettings(
        rules=options.rules,
        keep=options.keep,
        gate_probability=search["initial_gate_probability"],
        training_trials=task["training_trials"],
        validation_trials=task["validation_trials"],
        flush_every=options.flush_every,
    )
    worlds = open_worlds(
        options.networks, options.stimuli, ROOT / "resources/mouse", config
    )
    for tables in study(worlds, settings, options.seed, options.log):
        for name, table in tables.items():
            text = table.T.to_string(float_format=lambda value: f"{value:.3g}")
            print(f"{name}\n{text}\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("networks", type=Path, nargs="+", help="network files")
    parser.add_argument("--stimuli", type=Path, nargs="+", required=True)
    parser.add_argument("--config", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--rules", type=int, default=32, help="per network")
    parser.add_argument("--keep", type=int, default=8)
    parser.add_argument("--flush-every", type=int, default=150, help="steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="file for the progress")
    return parser.parse_args()


if __name__ == "__main__":
    main()
