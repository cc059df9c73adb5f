"""What a run will cost: speed measured here times the work that the config asks for.

In: a world of the configured size, sections of the config. Out: a table of hours per
stage and a text. A trial with plasticity and one without are timed for a batch of
candidates, the difference of two lengths each, so that compiling and starting do not
count; selection is timed at the configured population. What a stage spends besides
simulation and selection is left out, as are the known rules, gradient training and
the evolvable units.
"""

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import jax_key, numpy_rng
from evoplast.evaluation import (
    World,
    evaluate,
    most_lanes,
    objective_names,
)
from evoplast.rules import random_genomes
from evoplast.search import NoisySwarm, SearchSettings

SECONDS_PER_HOUR = 3600.0
_GATE_PROBABILITY = 0.12


@dataclass(frozen=True)
class Speed:
    """What was measured.

    plastic_s, frozen_s: seconds of a trial of one candidate, all tasks; selection_s:
    seconds of one generation's reproduction and selection; memory_gib: at the
    configured number of lanes; device: "cpu" or "gpu"; n_devices; kernel; n_neurons
    and n_edges of the network; lanes: timed together.
    """

    plastic_s: float
    frozen_s: float
    selection_s: float
    memory_gib: float
    device: str
    n_devices: int
    kernel: str
    n_neurons: int
    n_edges: int
    lanes: int


def measure_speed(
    world: World,
    search: SearchSettings,
    trials: int,
    max_lanes: int,
    clock: Callable[[], float] | None = None,
) -> Speed:
    """Time ``trials`` trials of each phase on at most ``max_lanes`` lanes.

    Without a ``clock`` that of ``fair_clock``.

    Raises:
        UserError: fewer than one trial.
    """
    if trials < 1:
        raise UserError(f"plan_cost.trials is {trials}; it must be at least 1.")
    clock = clock or fair_clock()
    wanted = most_lanes(world)
    n = max(min(wanted, max_lanes) // world.n_tasks, 1)
    genomes = random_genomes(
        world.rule_space, n, jax_key(0, "plan cost"), _GATE_PROBABILITY
    )
    before = _memory_gib()

    def seconds(training: int, scored: int) -> float:
        begin = clock()
        evaluate(world, genomes, 0, training, scored)
        return clock() - begin

    seconds(1, 1)
    memory = before + (_memory_gib() - before) * max(wanted / (n * world.n_tasks), 1)
    short = seconds(1, 1)
    per_trial = n * trials
    return Speed(
        plastic_s=max(seconds(1 + trials, 1) - short, 0.0) / per_trial,
        frozen_s=max(seconds(1, 1 + trials) - short, 0.0) / per_trial,
        selection_s=selection_seconds(search, world.rule_space.n_parameters, clock),
        memory_gib=memory,
        device=jax.default_backend(),
        n_devices=jax.device_count(),
        kernel=world.kernel.name,
        n_neurons=world.network.n_neurons,
        n_edges=world.network.n_edges,
        lanes=n * world.n_tasks,
    )


def fair_clock() -> Callable[[], float]:
    """Return processor time on the CPU, time on the wall elsewhere.

    Jobs have one thread each, so that processor time is what a job takes on a core of
    its own, whoever else computes on the machine now.
    """
    return time.process_time if jax.default_backend() == "cpu" else time.monotonic


def _memory_gib() -> float:
    """Return the highest use so far: of the device if it counts, of the process."""
    counted = jax.local_devices()[0].memory_stats()
    if counted and "peak_bytes_in_use" in counted:
        return counted["peak_bytes_in_use"] / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def selection_seconds(
    search: SearchSettings,
    dimension: int,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Return the seconds of one generation's reproduction and selection."""
    m, n = len(objective_names(search.extra_objectives)), search.population
    swarm = NoisySwarm(np.zeros(dimension), np.ones(dimension), m, search)
    state = swarm.init(jax.random.key(0))
    rng = numpy_rng(0, "plan cost")

    def draw(rows: int) -> jax.Array:
        return jnp.asarray(rng.normal(size=(rows, m)), jnp.float32)

    state = swarm.init_tell(state, draw(n))
    for _ in range(2):
        begin = clock()
        asked, state = swarm.ask(state)
        state = swarm.tell(state, draw(len(asked)))
        jax.block_until_ready(state.population)
        passed = clock() - begin
    return passed


def planned_work(config: Mapping[str, Mapping]) -> pd.DataFrame:
    """Return what the stages simulate, one row each.

    Columns: stage; candidates, each in one evaluation; training_trials and
    scored_trials of an evaluation; size, the number of synapses relative to the
    network of the run (taken as quadratic in the neurons: an upper estimate).
    """
    task, network = config["task"], config["network"]
    horizon = config["long_horizon"]
    scale, pareto = config["cross_scale"], config["pareto"]
    baselines = config["baselines"]
    training, validation = task["training_trials"], task["validation_trials"]
    test = task["test_trials"]
    seen = min(pareto["seen_instances"], network["training_instances"])
    selecting = seen * pareto["selection_seeds"]
    reporting = network["heldout_instances"] * pareto["report_seeds"]
    random = baselines["best_rules"] * (selecting + reporting)
    evolved = pareto["candidates"] * selecting + pareto["max_rules"] * reporting
    calibration = config["calibration"]
    stages = 1 + -(-horizon["training_trials"] // horizon["stage_trials"])
    drawn = calibration["random_rules"] * calibration["rule_instances"]
    extended = partial(trials_with_extras, config["search"], training)
    rows = [
        ("calibration", drawn, training, calibration["trials"], 1.0),
        ("search", evaluations_of_searches(config), *extended(validation), 1.0),
        ("random rules", baselines["random_rules"], training, validation, 1.0),
        ("best random rules", random, training, test, 1.0),
        ("evolved rules", evolved, *extended(test), 1.0),
        (
            "long horizon",
            horizon["rules"] * horizon["seeds"],
            horizon["training_trials"],
            horizon["test_trials"] * stages,
            1.0,
        ),
    ]
    per_network = scale["rules"] * scale["seeds"]
    rows += [
        (
            f"{n} neurons",
            per_network * networks,
            training,
            test,
            (n / network["n_neurons"]) ** 2,
        )
        for n, networks in zip(scale["sizes"], scale["instances"], strict=True)
    ]
    names = ["stage", "candidates", "training_trials", "scored_trials", "size"]
    return pd.DataFrame(rows, columns=names)


def trials_with_extras(search: Mapping, training: int, scored: int) -> tuple[int, int]:
    """Return the trials of an evaluation that measures the extra objectives, too."""
    if "stability" not in search["extra_objectives"]:
        return training, scored
    return training + search["stability_trials"], 2 * scored + 1


def evaluations_of_searches(config: Mapping[str, Mapping]) -> int:
    """Return how often the searches of a run evaluate a rule, controls included."""
    search = config["search"]
    if search["algorithm"] == "swarm":
        return search_evaluations(search)
    rounds = config["families"]["rounds"]
    # In every generation no plasticity is evaluated once for all families.
    per_search = sum(n * g * (samples + 1) + g for n, g, samples in rounds)
    return search["seeds"] * per_search


def search_evaluations(search: Mapping) -> int:
    """Return how often swarms evaluate a rule, controls included."""
    generations = search["segments"] * search["generations_per_segment"]
    again = round(search["refresh"] * search["population"])
    candidates = search["population"] * generations + again * (generations - 1)
    controls = search["control_rules"] * generations
    networks = search["instances_per_generation"]
    return search["seeds"] * networks * (candidates + controls)


def with_hours(work: pd.DataFrame, speed: Speed, search: Mapping) -> pd.DataFrame:
    """Return the work with the hours that each stage takes on one device."""
    seconds = work["training_trials"] * speed.plastic_s
    seconds += (work["scored_trials"] + 1) * speed.frozen_s
    hours = work["candidates"] * work["size"] * seconds / SECONDS_PER_HOUR
    generations = search["segments"] * search["generations_per_segment"]
    if search["algorithm"] != "swarm":
        generations = 0  # Families select once a round, in no time.
    selecting = search["seeds"] * generations * speed.selection_s / SECONDS_PER_HOUR
    return work.assign(hours=hours + (work["stage"] == "search") * selecting)


def cost_text(table: pd.DataFrame, speed: Speed, run: str) -> str:
    """Return the plan as text to be read before a long run."""
    total = table["hours"].sum()
    lines = [
        f"Cost of the run {run}, from a measurement on this machine",
        f"  device {speed.device}, kernel {speed.kernel}, {speed.lanes} lanes timed",
        f"  network of {speed.n_neurons} neurons and {speed.n_edges} synapses",
        f"  a trial of one candidate: {1000 * speed.plastic_s:.3g} ms with plasticity,"
        f" {1000 * speed.frozen_s:.3g} ms without",
        f"  selection in one generation: {speed.selection_s:.3g} s",
        "",
        f"{'stage':<20}{'evaluations':>14}{'training':>10}{'scored':>8}{'hours':>12}",
    ]
    lines += [
        f"{row.stage:<20}{row.candidates:>14}{row.training_trials:>10}"
        f"{row.scored_trials:>8}{row.hours:>12.4g}"
        for row in table.itertuples()
    ]
    lines += ["", f"together {total:.4g} hours, one job after another"]
    if speed.device == "gpu":
        lines += [f"that is {total * speed.n_devices:.4g} GPU-hours"]
    else:
        lines += ["no GPU here: run this on the machine that will compute"]
    lines += [f"memory of a job: {speed.memory_gib:.2g} GiB with all its lanes"]
    return "\n".join(lines) + "\n"
