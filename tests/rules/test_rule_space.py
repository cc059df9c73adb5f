import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evoplast.artefacts.errors import UserError
from evoplast.rules import (
    N_TERMS,
    PAIR_TERMS,
    POST_TERMS,
    PRE_TERMS,
    TERM_HAS_SPIKE,
    TERM_NAMES,
    RuleSpace,
    decode,
    encode,
    random_genomes,
    validate_genomes,
)


def _genomes(space, n=3, seed=0):
    rng = np.random.default_rng(seed)
    unit = rng.random((n, space.n_parameters))
    return (space.lower + unit * (space.upper - space.lower)).astype(np.float32)


def test_terms_are_the_monomials_of_degree_two_without_squared_spikes():
    signals = ("S_pre", "S_post", "X_pre", "X_post")
    pairs = {frozenset((a, b)) for a in signals for b in signals}
    degree_two = {p for p in pairs if p not in ({"S_pre"}, {"S_post"})}
    neuronal = {frozenset([s]) for s in signals}
    assert N_TERMS == 2 * (len(neuronal) + len(degree_two) - 2 + 2) + 1
    assert len(set(TERM_NAMES)) == N_TERMS
    assert TERM_NAMES[:4] == signals and TERM_NAMES[-1] == "R"


def test_every_kind_of_term_has_eight_rows():
    assert len(PRE_TERMS) == len(POST_TERMS) == len(PAIR_TERMS) == 8
    assert sorted((*PRE_TERMS, *POST_TERMS, *PAIR_TERMS)) == list(range(24))


def test_terms_with_a_spike_are_those_whose_name_holds_one():
    assert list(TERM_HAS_SPIKE) == ["S_" in name for name in TERM_NAMES]


def test_seventeen_types_give_the_published_number_of_parameters():
    assert RuleSpace(17).n_parameters == 2645


@given(st.integers(1, 25))
@settings(max_examples=10, deadline=None)
def test_the_parameter_count_follows_the_number_of_types(m):
    assert RuleSpace(m).n_parameters == 16 * m + 8 * m * m + 1 + 25 + 2 * m + 1


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_encode_inverts_decode_but_for_the_latents_of_gates(m, n, seed):
    space = RuleSpace(m, 0.0, 1.0)
    genomes = _genomes(space, n, seed)
    again = encode(space, decode(space, genomes))
    rest = ~space.is_gate
    np.testing.assert_array_equal(again[:, rest], genomes[:, rest])
    np.testing.assert_array_equal(
        again[:, space.is_gate], genomes[:, space.is_gate] > 0.5
    )
    np.testing.assert_array_equal(encode(space, decode(space, again)), again)


def test_pair_coefficients_are_indexed_by_presynaptic_type_first():
    space = RuleSpace(3)
    genome = np.zeros((1, space.n_parameters), np.float32)
    genome[0, space.slices["pair"].start + 3 * 2 + 1] = 0.7
    assert decode(space, genome).pair[0, 0, 2, 1] == np.float32(0.7)


def test_decoding_in_jax_equals_decoding_in_numpy():
    space = RuleSpace(4)
    genomes = _genomes(space)
    on_host = decode(space, genomes)
    on_device = jax.jit(lambda g: decode(space, g))(jnp.asarray(genomes))
    for a, b in zip(jax.tree.leaves(on_host), jax.tree.leaves(on_device), strict=True):
        np.testing.assert_array_equal(a, b)


def test_random_genomes_are_legal_and_open_about_the_asked_share_of_gates():
    space = RuleSpace(3)
    genomes = random_genomes(space, 400, jax.random.key(1), 0.2)
    validate_genomes(space, genomes)
    share = decode(space, genomes).gates.mean()
    assert abs(share - 0.2) < 4 * np.sqrt(0.16 / (400 * N_TERMS))


def test_random_genomes_do_not_depend_on_how_many_are_drawn():
    space = RuleSpace(2)
    few = random_genomes(space, 2, jax.random.key(3), 0.5)
    many = random_genomes(space, 5, jax.random.key(3), 0.5)
    np.testing.assert_array_equal(few, many[:2])


@pytest.mark.parametrize("prior", ["normal", "shared"])
def test_another_prior_changes_coefficients_only(prior):
    space, key = RuleSpace(3), jax.random.key(2)
    plain = decode(space, random_genomes(space, 60, key, 0.2))
    other = random_genomes(space, 60, key, 0.2, prior)
    validate_genomes(space, other)
    other = decode(space, other)
    for name in ("gates", "tau_E_ms", "tau_R_ms", "phi"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(other, name))
    assert not np.array_equal(plain.pair, other.pair)
    spread = 1 / 3 if prior == "normal" else 1 / np.sqrt(3)
    assert abs(other.pair.std() - spread) < 0.05


def test_shared_coefficients_are_the_same_for_all_types_of_a_term():
    space = RuleSpace(3)
    drawn = decode(space, random_genomes(space, 5, jax.random.key(2), 0.2, "shared"))
    for part in (drawn.pre, drawn.post, drawn.pair):
        terms = part.reshape(5, 8, -1)
        assert (terms == terms[:, :, :1]).all()
        assert len(np.unique(terms[:, :, 0])) == 40


def test_an_unknown_prior_is_refused():
    with pytest.raises(UserError, match="prior is 'flat'"):
        random_genomes(RuleSpace(1), 1, jax.random.key(0), 0.5, "flat")


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_a_gate_probability_outside_the_unit_interval_is_refused(probability):
    with pytest.raises(UserError, match=str(probability)):
        random_genomes(RuleSpace(1), 1, jax.random.key(0), probability)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("pre", np.nan),
        ("pair", 1.5),
        ("tau_E_ms", 0.5),
        ("tau_R_ms", 151.0),
        ("phi", 11.0),
        ("gates", -0.1),
        ("reward_alone", np.inf),
    ],
)
def test_an_illegal_value_is_refused_with_the_candidate_named(part, value):
    space = RuleSpace(2)
    genomes = _genomes(space)
    genomes[1, space.slices[part].start] = value
    with pytest.raises(UserError, match=f"Candidate 1 has {part} = {value}"):
        validate_genomes(space, genomes)


def test_a_vector_of_another_length_is_refused():
    with pytest.raises(UserError, match="2645"):
        decode(RuleSpace(17), np.zeros((1, 7)))


def test_an_impossible_space_is_refused():
    with pytest.raises(UserError, match="n_types is 0"):
        RuleSpace(0)
    with pytest.raises(UserError, match="phi_min"):
        RuleSpace(1, 3.0, 2.0)
