"""What the extra objectives cost: seconds of evaluations with and without.

``python tests/bench/extras.py`` takes the trials of the demo's search, and three times
its training trials for stability. Processor time, each case once to compile.
"""

import argparse
import time

import numpy as np

from evoplast.artefacts.seeds import jax_key
from evoplast.configuration.defaults import default_config
from evoplast.configuration.sections.search import ExtraObjectives
from evoplast.evaluation import build_world, natural_extras, with_extras
from evoplast.rules import random_genomes

CASES = ((), ("dimension",), ("stability",), ("dimension", "stability"))


def main() -> None:
    """Print the seconds of each case, and what the last one measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--neurons", type=int, default=250)
    parser.add_argument("--rules", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    config = default_config()
    config["network"]["n_neurons"] = chosen.neurons
    world, task = build_world(config, 100), config["task"]
    trials = task["training_trials"], task["validation_trials"]
    key = jax_key(0, "extras")
    genomes = np.array(random_genomes(world.rule_space, chosen.rules, key, 0.12))
    seconds = {case: [] for case in CASES}
    for repeat in range(chosen.repeats + 1):
        for case in CASES:
            evaluate = with_extras(ExtraObjectives(case, 3 * trials[0]))
            begin = time.process_time()
            found = evaluate(world, genomes, repeat, *trials, "training")
            seconds[case].append(time.process_time() - begin)
    plain = np.median(seconds[()][1:])
    for case, times in seconds.items():
        median = np.median(times[1:])
        print(f"{', '.join(case) or 'none'}: {median:.2f} s, {median / plain:.2f} x")
    for name, values in natural_extras(found.recordings, found.flag).items():
        print(f"{name}: {np.round(values, 3)}")


if __name__ == "__main__":
    main()
