"""A family search whose measurement is a formula: accuracy by distance to a target."""

from dataclasses import replace

import numpy as np

from evoplast.artefacts.seeds import numpy_rng
from evoplast.rules import RuleSpace, decode
from evoplast.search.families import FamilySearch, FamilySettings
from evoplast.search.families.measure import Measured, thresholds, violation_of

SPACE = RuleSpace(3, 0.0, 1.0)
SETTINGS = FamilySettings.default(
    rounds=((25, 2, 4), (8, 2, 4), (4, 3, 6)),
    sigma=0.3,
    sigma_decay=0.02,
    time_constant_sigma_ms=0.0,
    momentum=0.5,
    learning_rate=0.5,
    max_wasserstein_hz=5.0,
    max_rate_hz=None,
    rate_weight=0.1,
    first_multiplier=0.01,
    smallest_multiplier=0.001,
    largest_multiplier=0.05,
    multiplier_factor=1.3,
    kept_share=0.5,
    preferred_share=0.75,
    alpha=0.6,
    optimism=0.0,
    operators=(3.0, 1.0, 1.0, 1.0),
    parents=(3, 2),
    inherited_scale=0.8,
    max_terms=6,
    start_formulas=(),
    excluded_terms=(),
    training_trials=2,
    validation_trials=4,
)


def measure(world, genomes, sequence_seed, settings, extras):
    """Terms 0 and 6 help by the sum of their coefficients; noise by the sequence."""
    rules = decode(SPACE, genomes)
    good = rules.gates[:, 0] * rules.pre[:, 0].mean(axis=1)
    good += rules.gates[:, 6] * rules.pair[:, 2].mean(axis=(1, 2))
    noise = [
        numpy_rng(sequence_seed, g.tobytes().hex()).normal(0, 0.002) for g in genomes
    ]
    accuracy = 0.55 + 0.05 * good + np.array(noise)
    tried = thresholds(SPACE)
    by_threshold = accuracy[:, None] - 0.1 * (tried - 0.4) ** 2
    objectives = np.zeros((len(genomes), 6))
    objectives[:, 0] = -by_threshold.max(axis=1)
    objectives[:, 1] = rules.gates.mean(axis=1)
    objectives[:, 5] = 4.0 + 3.0 * good
    flag = np.where(good > 0.9, 3, 0)
    return Measured(objectives, by_threshold, violation_of(objectives, settings), flag)


def toy_search(search_seed=0, **changes):
    settings = replace(SETTINGS, **changes)
    return FamilySearch(SPACE, settings, 1, search_seed, measure)


WORLDS = dict.fromkeys(range(100))
