"""One revision of the library at work, in a process of its own; see revisions.py.

In: a line of JSON for each case, on standard input. Out: a line of JSON: seconds of
the processor and of the clock, a digest of each array that was computed, the mean
rate. The library is the one on PYTHONPATH, whatever its revision; so this uses only
what every revision has.
"""

import hashlib
import json
import resource
import sys
import time
from dataclasses import fields
from functools import cache
from pathlib import Path

import jax
import numpy as np
import yaml

import evoplast
from evoplast.evaluation import EvaluationSettings, evaluate, make_drives, prepare_world
from evoplast.network import build_network, read_allen_tables
from evoplast.objectives import read_mouse_reference
from evoplast.rules import TERM_NAMES, random_genomes
from evoplast.simulator import PlasticitySettings, SimulationSettings
from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    make_gratings,
    make_natural,
    prepare_input,
)
from evoplast.task import TaskSettings

ROOT = Path(evoplast.__file__).parents[2]
SPIKE_TERMS = ("S_pre", "S_post", "S_pre·S_post", "S_pre·X_pre", "S_pre·X_post")
RULES = {
    "no term": (),
    "S_pre": ("S_pre",),
    "six spike terms": (*SPIKE_TERMS, "S_post·X_pre"),
    "spike terms with R": tuple(f"{name}·R" for name in SPIKE_TERMS),
    "X_pre·X_post": ("X_pre·X_post",),
    "all terms": tuple(TERM_NAMES),
}
SEED = 1


def config_of(*files: str) -> dict:
    """Return the sections of several configs; of a key that both have, the last."""
    merged = {}
    for file in files:
        for name, section in yaml.safe_load(Path(file).read_text()).items():
            if isinstance(section, dict):
                merged[name] = merged.get(name, {}) | section
    return merged


def filled(kind: type, *sections: dict):
    """Return settings with the values of config sections, nothing left to defaults."""
    values = {key: value for section in sections for key, value in section.items()}
    chosen = {field.name: values[field.name] for field in fields(kind)}
    # Settings are hashed; YAML has no tuples.
    return kind(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in chosen.items()}
    )


@cache
def world_of(n_neurons: int, *config_files: str):
    """Return a world with both tasks, as the default config has it."""
    config = config_of(*config_files)
    network = build_network(
        read_allen_tables(ROOT / "resources/allen_v1"), n_neurons, SEED, instance=0
    )
    stimuli = filled(StimulusSettings, config["stimuli"])
    made = [make(stimuli, SEED) for make in (make_gratings, make_natural)]
    sets = {found.name: found for found in made}
    inputs = filled(InputSettings, config["input"], config["task"])
    settings = EvaluationSettings(
        simulation=filled(SimulationSettings, config["simulation"] | {"kernel": "cpu"}),
        plasticity=filled(PlasticitySettings, config["plasticity"]),
        task=filled(TaskSettings, config["task"]),
    )
    return prepare_world(
        network,
        {name: prepare_input(network, found, inputs) for name, found in sets.items()},
        settings,
        read_mouse_reference(ROOT / "resources/mouse", network),
        sets,
    )


def genomes_of(world, rule: str, count: int) -> np.ndarray:
    """Return rules (P, D) with exactly the terms of ``rule`` and random numbers."""
    genomes = np.array(random_genomes(world.rule_space, count, jax.random.key(SEED)))
    genomes[:, world.rule_space.is_gate] = [name in RULES[rule] for name in TERM_NAMES]
    return genomes


@cache
def drives_of(training: int, scored: int, n_neurons: int, *config_files: str):
    """Return ready drives: what they cost is measured only where a case asks for it."""
    world = world_of(n_neurons, *config_files)
    return make_drives(world, SEED, training, scored, "training")


def measure(case: dict) -> dict:
    """Evaluate a case once."""
    place = case["neurons"], *case["configs"]
    trials = case["training"], case["scored"]
    world = world_of(*place)
    genomes = genomes_of(world, case["rule"], case["candidates"])
    drives = None if case["with_drive"] else drives_of(*trials, *place)
    wall, before = time.perf_counter(), _processor_seconds()
    found = evaluate(world, genomes, SEED, *trials, record=["weights"], drives=drives)
    used = _processor_seconds() - before
    return {
        "cpu_s": used,
        "wall_s": time.perf_counter() - wall,
        "digests": _digests(found),
        "rate_hz": float(np.nanmean(found.mean_rate_hz)),
    }


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _digests(evaluation) -> dict[str, str]:
    arrays = {**vars(evaluation), **evaluation.recordings}
    return {
        name: hashlib.sha256(values.tobytes()).hexdigest()[:16]
        for name, values in arrays.items()
        if isinstance(values, np.ndarray)
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(measure(json.loads(line))), flush=True)
