"""Neutral replays against real searches that select something else, or nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evoplast.artefacts.seeds import numpy_rng
from evoplast.rules import N_TERMS, RuleSpace, gates_of, no_plasticity
from evoplast.search import coefficients_of
from evoplast.search.families import (
    FamilySearch,
    FamilySettings,
    first_families,
    next_families,
    run_round,
)
from evoplast.search.families.family import first_formulas
from evoplast.search.families.measure import Measured, thresholds
from evoplast.search.families.neutral import Drifted, inherited, neutral_replays

SPACE = RuleSpace(3, 0.0, 1.0)
ROUNDS = ((25, 2, 4), (8, 2, 4), (4, 3, 6))
SETTINGS = FamilySettings.default(
    rounds=ROUNDS,
    time_constant_sigma_ms=5.0,
    max_terms=6,
    start_formulas=(),
    training_trials=2,
    validation_trials=4,
)
S_PRE = coefficients_of(SPACE, 0)


def measured_by(strength, noise):
    """Accuracy rises by ``strength`` times the mean coefficient of S_pre."""

    def measure(world, genomes, sequence_seed, settings, extras):
        good = genomes[:, S_PRE].mean(axis=1) * (genomes[:, 0] > 0.5)
        draw = numpy_rng(sequence_seed, "noise").normal(size=len(genomes))
        objectives = np.zeros((len(genomes), 6))
        objectives[:, 0] = -0.5 - strength * good - noise * draw
        by_threshold = np.tile(-objectives[:, :1], (1, len(thresholds(SPACE))))
        zeros = np.zeros(len(genomes))
        return Measured(objectives, by_threshold, zeros, zeros.astype(int))

    return measure


def searched(strength, search_seed):
    """Return the families at the end of each round of a whole search."""
    search = FamilySearch(SPACE, SETTINGS, 1, search_seed, measured_by(strength, 0.01))
    families = first_families(
        SPACE,
        first_formulas((), (), None),
        1,
        search_seed,
        len(thresholds(SPACE)),
        0.01,
    )
    rounds, number = [], len(families)
    formulas = {family.formula for family in families}
    for k in range(len(ROUNDS)):
        if k:
            families = next_families(search, k, families, frozenset(formulas), number)
            formulas |= {family.formula for family in families}
            number = max(number, *(f.number + 1 for f in families))
        families = run_round(search, families, k, dict.fromkeys(range(20)))
        rounds.append(families)
    return rounds


FOUR = "S_pre + S_post + X_pre + X_post"
ONE_FAMILY = replace(SETTINGS, rounds=((26, 8, 6),), start_formulas=(FOUR,))


def scores(strength, noise, seeds):
    """Return z of the mean coefficient of four terms of a family, (seeds, 4)."""
    found = []
    for seed in seeds:
        search = FamilySearch(SPACE, ONE_FAMILY, 1, seed, measured_by(strength, noise))
        start = first_families(
            SPACE, [gates_of(FOUR)], 1, seed, len(thresholds(SPACE)), 0.01
        )
        (family,) = run_round(search, start, 0, dict.fromkeys(range(8)))
        drawn = neutral_replays(SPACE, [[family]], ONE_FAMILY, seed, 80)[0]
        row = []
        for term in np.flatnonzero(family.gates):
            part = coefficients_of(SPACE, int(term))
            null = drawn[:, part].mean(axis=1)
            row.append((family.mean[part].mean() - null.mean()) / null.std())
        found.append(row)
    return np.array(found)


def test_only_the_selected_of_four_terms_stands_out():
    z = scores(1.0, 0.0, range(15))
    assert z[:, 0].sum() / np.sqrt(len(z)) > 5
    others = z[:, 1:].ravel()
    # The s.e. of the root mean square of 45 normal numbers is 0.11.
    assert np.sqrt(np.mean(others**2)) == pytest.approx(1.0, abs=0.3)
    assert stats.kstest(others, "norm").pvalue > 0.01


def test_replays_are_conservative_where_noise_alone_selects():
    z = scores(0.0, 0.1, range(12)).ravel()
    assert 0.5 < np.sqrt(np.mean(z**2)) < 1.15


def test_what_a_child_inherits_is_what_the_search_gave_it():
    rounds, checked = searched(0.5, 4), 0
    for k in (1, 2):
        before, n = rounds[k - 1], len(ROUNDS)
        known = frozenset(f.formula for part in rounds[:k] for f in part)
        number = 1 + max(f.number for part in rounds[:k] for f in part)
        search = FamilySearch(SPACE, SETTINGS, 1, 4)
        after = next_families(search, k, before, known, number)
        old = {f.number: Drifted(f, f.mean[None], f.velocity[None]) for f in before}
        kept = [f.number for f in after if f.number in old]
        for child in after:
            if child.number in old:
                continue
            own = inherited(SPACE, child, old, kept, SETTINGS.inherited_scale)
            terms = slice(N_TERMS, SPACE.n_parameters)
            np.testing.assert_allclose(own.mean[0][terms], child.mean[terms], atol=1e-6)
            np.testing.assert_allclose(own.velocity[0], child.velocity, atol=1e-6)
            checked += 1
    assert checked > n


def test_replays_keep_unused_coefficients_at_rest_and_depend_on_the_seed_alone():
    rounds = searched(0.0, 1)[:1]
    first, again = (neutral_replays(SPACE, rounds, SETTINGS, 7, 5) for _ in range(2))
    other = neutral_replays(SPACE, rounds, SETTINGS, 8, 5)
    family = rounds[0][0]
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    off = coefficients_of(SPACE, int(np.flatnonzero(family.gates == 0)[0]))
    assert not first[family.number][:, off].any()
    tau = SPACE.slices["tau_E_ms"]
    # S_pre has no trace: its time constants stay where every family begins.
    assert (first[0][:, tau] == no_plasticity(SPACE)[tau]).all()


def test_a_family_that_ran_for_no_generation_has_not_moved():
    start = replace(searched(0.0, 1)[0][0], record=None, age=0)
    drawn = neutral_replays(SPACE, [[start]], SETTINGS, 1, 3)[start.number]
    assert drawn == pytest.approx(np.tile(no_plasticity(SPACE), (3, 1)))
