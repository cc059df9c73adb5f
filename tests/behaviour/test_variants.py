"""What an ablation does to a genome, part by part."""

import jax
import numpy as np
import pytest

from evoplast import rules
from evoplast.behaviour import variants as v
from evoplast.search import coefficients_of

SPACE = rules.RuleSpace(4, 0.0, 1.0)
TERMS = ("S_pre·X_post", "X_post²", "S_post·X_pre·R")


@pytest.fixture
def genome():
    drawn = rules.random_genomes(SPACE, 1, jax.random.key(3), 0.0)[0]
    gates = np.zeros(rules.N_TERMS)
    gates[[rules.TERM_NAMES.index(name) for name in TERMS]] = 1.0
    drawn[SPACE.slices["gates"]] = gates
    return drawn


def listed(genome, draws=2):
    return v.variants_of(SPACE, genome, draws, 75.0, np.random.default_rng(1))


def of_kind(genome, kind):
    return [found for found in listed(genome) if found.kind == kind]


def formula(genome):
    return rules.formulas(SPACE, genome[None])[0].removeprefix("Δw = ")


def coefficients(genome, name):
    return genome[coefficients_of(SPACE, rules.TERM_NAMES.index(name))]


def outside(genome, *parts):
    """Return the genome without the named parts."""
    keep = np.ones(len(genome), bool)
    for part in parts:
        keep[SPACE.slices[part]] = False
    return genome[keep]


COEFFICIENTS = ("pre", "post", "pair", "reward_alone")


def test_every_kind_is_there_in_its_number(genome):
    kinds = [found.kind for found in listed(genome)]
    expected = dict.fromkeys(v.KINDS, 1)
    expected |= {v.SHUFFLED: 2, v.FRESH: 2, v.TERM_REMOVED: 3}
    assert {kind: kinds.count(kind) for kind in v.KINDS} == expected


def test_each_term_is_removed_in_turn_and_nothing_else(genome):
    for found in of_kind(genome, v.TERM_REMOVED):
        rest = [name for name in TERMS if name != found.term]
        assert set(formula(found.genome).split(" + ")) == set(rest)
        assert np.array_equal(outside(found.genome, "gates"), outside(genome, "gates"))


def test_reward_terms_go_together(genome):
    (found,) = of_kind(genome, v.NO_REWARD)
    assert formula(found.genome) == "S_pre·X_post + X_post²"


def test_one_coefficient_is_the_mean_and_keeps_gates_and_times(genome):
    (found,) = of_kind(genome, v.ONE_COEFFICIENT)
    for name in TERMS:
        mean = coefficients(genome, name).mean()
        np.testing.assert_allclose(coefficients(found.genome, name), mean, rtol=1e-6)
    kept = (outside(g, *COEFFICIENTS) for g in (found.genome, genome))
    assert np.array_equal(*kept)


def test_same_strength_keeps_the_mean_square(genome):
    (found,) = of_kind(genome, v.SAME_STRENGTH)
    for name in TERMS:
        own, other = (coefficients(g, name) for g in (genome, found.genome))
        assert np.square(other).mean() == pytest.approx(np.square(own).mean())
        assert np.sign(other[0]) == np.sign(own.mean())


def test_shuffling_keeps_every_value_of_a_term(genome):
    first, second = of_kind(genome, v.SHUFFLED)
    for name in TERMS:
        own, other = (coefficients(g, name) for g in (genome, first.genome))
        assert np.array_equal(np.sort(own), np.sort(other))
    pair = TERMS[0]
    assert not np.array_equal(*(coefficients(g, pair) for g in (genome, first.genome)))
    assert not np.array_equal(first.genome, second.genome)


def test_fresh_coefficients_fill_the_prior(genome):
    drawn = np.concatenate(
        [
            coefficients(v.fresh(SPACE, genome, np.random.default_rng(k)), TERMS[0])
            for k in range(100)
        ]
    )
    assert drawn.min() < -0.95 and drawn.max() > 0.95
    assert abs(drawn.mean()) < 4 * drawn.std() / np.sqrt(len(drawn))


def test_fixed_time_constants_are_all_the_same(genome):
    (found,) = of_kind(genome, v.FIXED_TAU)
    times = ("tau_E_ms", "tau_R_ms")
    assert all((found.genome[SPACE.slices[name]] == 75.0).all() for name in times)
    assert np.array_equal(outside(found.genome, *times), outside(genome, *times))


def test_what_changes_nothing_is_not_listed():
    uniform = rules.uniform_rule(SPACE, {"S_pre": 0.5}, tau_E_ms=75.0, tau_R_ms=75.0)
    kinds = {found.kind for found in listed(uniform)}
    assert kinds == {v.INTACT, v.PLASTIC_TEST, v.FRESH, v.NOTHING}


def test_no_variant_moves_the_threshold(genome):
    phi = SPACE.slices["phi"]
    assert all(np.array_equal(f.genome[phi], genome[phi]) for f in listed(genome))


def test_every_variant_is_a_legal_rule(genome):
    stacked = np.stack([found.genome for found in listed(genome)])
    rules.validate_genomes(SPACE, stacked.astype(np.float32))
