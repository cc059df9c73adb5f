import jax
import jax.numpy as jnp
import numpy as np
import pytest
from search_toys import DIMENSION, OBJECTIVES, shifted_dtlz2

from evoplast.artefacts.errors import UserError
from evoplast.evox_compat import Problem, State, StdWorkflow
from evoplast.search.settings import SearchSettings, SwarmSettings
from evoplast.search.swarm import NoisySwarm
from evoplast.search.variation import compete, make_offspring, move, mutate

LOWER, UPPER = np.zeros(DIMENSION, np.float32), np.ones(DIMENSION, np.float32)


def _swarm(**changes):
    settings = SwarmSettings.default(
        **{"population": 16, "preferred_share": 0.0, **changes}
    )
    return NoisySwarm(LOWER, UPPER, OBJECTIVES, settings)


class _TracedSphere(Problem):
    """Three shifted spheres; pure JAX, so that the whole step can be traced."""

    def setup(self, key):
        return State()

    def evaluate(self, state, population):
        centres = jnp.array([0.2, 0.3, 0.4])
        gap = population[:, :, None] - centres
        return jnp.mean(gap**2, axis=1), state


@pytest.mark.parametrize("population", [3, 2, 0, 7])
def test_a_population_that_cannot_pair_is_refused(population):
    with pytest.raises(UserError, match=f"search.population is {population}, but"):
        SwarmSettings.default(population=population)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", 1.0),
        ("centre_weight", -0.1),
        ("gate_flip_probability", 1.5),
        ("random_factors", "vector"),
        ("refresh", 1.2),
        ("control_rules", 0),
        ("initial_gate_probability", -1.0),
        ("alpha", 0.49),
        ("tie_break", "coin"),
        ("indicator_scale", 0.0),
        ("variance_prior", -1.0),
        ("preferred_share", 1.1),
        ("mutations_per_offspring", -0.5),
        ("coefficient_prior", "flat"),
        ("accuracy_estimate", "guessed"),
    ],
)
def test_a_setting_outside_its_range_is_refused_by_name(name, value):
    with pytest.raises(UserError, match=f"search.{name} is .?{value}"):
        SearchSettings.default(**{name: value})


def test_the_lower_score_teaches():
    score = jnp.array([[3.0], [1.0], [2.0], [0.0], [jnp.nan], [5.0]])
    for seed in range(4):
        teacher, student = compete(jax.random.key(seed), score)
        safe = np.where(np.isnan(score), np.inf, score)[:, 0]
        assert (safe[teacher] < safe[student]).all()
        assert sorted([*teacher.tolist(), *student.tolist()]) == list(range(6))


def test_a_preferred_share_of_the_contests_goes_by_the_first_objective():
    first = np.random.default_rng(0).permutation(2000).astype(np.float32)
    score = jnp.asarray(np.stack([first, -first, -first, -first], axis=1))
    won = []
    for share in (0.0, 0.6, 1.0):
        teacher, student = compete(jax.random.key(0), score, share)
        won.append(np.mean(first[teacher] < first[student]))
    # q + (1 - q) / 4; the s.d. of a share of 1000 contests is at most 0.016.
    np.testing.assert_allclose(won, [0.25, 0.7, 1.0], atol=0.06)


def test_a_student_moves_along_the_line_to_its_teacher_with_scalar_factors():
    student, teacher = jnp.zeros((2, 5)), jnp.arange(1.0, 11.0).reshape(2, 5)
    settings = SwarmSettings.default(centre_weight=0.0)
    step = move(
        jax.random.key(0), student, jnp.zeros((2, 5)), teacher, student, settings
    )
    ratio = np.asarray(step / teacher)
    np.testing.assert_allclose(ratio, np.tile(ratio[:, :1], (1, 5)), rtol=1e-5)
    assert ((ratio > 0) & (ratio < 1)).all()


def test_factors_per_dimension_leave_the_line():
    student, teacher = jnp.zeros((2, 5)), jnp.ones((2, 5))
    settings = SwarmSettings.default(centre_weight=0.0, random_factors="dimension")
    step = move(jax.random.key(0), student, student, teacher, student, settings)
    assert np.ptp(np.asarray(step), axis=1).min() > 0.01


def test_mutation_changes_about_one_coordinate_and_at_least_one():
    x = jnp.full((400, DIMENSION), 0.5)
    y = mutate(jax.random.key(1), x, jnp.asarray(LOWER), jnp.asarray(UPPER), 20.0)
    changed = np.asarray(x != y).sum(axis=1)
    assert changed.min() >= 1 and 1.8 < changed.mean() < 2.2
    assert np.abs(np.asarray(y - x)).max() < 0.5


def test_offspring_stay_in_the_box_and_latents_flip_as_often_as_asked():
    rng = np.random.default_rng(0)
    population = jnp.asarray(rng.random((400, DIMENSION)), jnp.float32)
    binary = jnp.arange(DIMENSION) >= 10
    settings = SwarmSettings.default(
        population=400, centre_weight=0, gate_flip_probability=0.1
    )
    box = (jnp.asarray(LOWER), jnp.asarray(UPPER), binary)
    children, velocity = make_offspring(
        jax.random.key(2),
        population,
        jnp.full((400, DIMENSION), 5.0),
        jnp.zeros((400, 1)),
        box,
        settings,
    )
    assert children.shape == population.shape
    assert (children >= 0).all() and (children <= 1).all()
    assert np.abs(np.asarray(velocity)[:200]).max() <= 1.0
    copies = np.asarray(children)[200:, 10:]
    parents = np.asarray(population)[:, 10:]
    flipped = [np.isclose(c, 1 - parents, atol=1e-6).any(axis=0) for c in copies]
    assert 0.05 < np.mean(flipped) < 0.2


def test_the_swarm_runs_traced_as_a_whole_on_a_plain_evox_problem():
    workflow = StdWorkflow(_swarm(), _TracedSphere())
    state = workflow.init(jax.random.key(0))
    values = []
    for _ in range(12):
        state = workflow.step(state)
        values.append(float(state.get_child_state("algorithm").mean.mean()))
    assert values[-1] < 0.8 * values[0]


def test_survivors_carry_their_own_statistics_velocity_and_origin():
    algorithm = _swarm()
    state = algorithm.init(jax.random.key(1))
    first, state = algorithm.init_ask(state)
    state = algorithm.init_tell(state, jnp.asarray(shifted_dtlz2(np.asarray(first))))
    asked, state = algorithm.ask(state)
    fitness = jnp.asarray(shifted_dtlz2(np.asarray(asked)), jnp.float32)
    old = state
    state = algorithm.tell(state, fitness)
    source = np.asarray(state.source)
    np.testing.assert_array_equal(state.population, np.asarray(asked)[source])
    np.testing.assert_array_equal(state.count, np.where(source < 16, 2, 1))
    velocity = np.concatenate([old.velocity, old.offspring_velocity])
    np.testing.assert_array_equal(state.velocity, velocity[source])
    np.testing.assert_allclose(state.mean, np.asarray(fitness)[source], atol=1e-6)


def test_candidates_with_nan_never_survive():
    algorithm = _swarm()
    state = algorithm.init(jax.random.key(2))
    first, state = algorithm.init_ask(state)
    fitness = np.random.default_rng(0).random((16, OBJECTIVES)).astype(np.float32)
    fitness[::2] = np.nan
    state = algorithm.init_tell(state, jnp.asarray(fitness))
    assert set(np.asarray(state.source)) == set(range(1, 16, 2))
    _, state = algorithm.ask(state)
    fitness = np.random.default_rng(1).random((32, OBJECTIVES)).astype(np.float32)
    fitness[[0, 5, 20]] = np.nan
    state = algorithm.tell(state, jnp.asarray(fitness))
    assert not {0, 5, 20} & set(np.asarray(state.source))
    assert np.isfinite(state.mean).all()


def test_a_generation_of_nothing_but_nan_stops_with_one_sentence():
    algorithm = _swarm()
    state = algorithm.init(jax.random.key(3))
    with pytest.raises(UserError, match="All 16 candidates"):
        algorithm.init_tell(state, jnp.full((16, OBJECTIVES), jnp.nan))


def test_more_mutations_change_more_coordinates():
    x = jnp.full((200, DIMENSION), 0.5)
    changed = [
        float((mutate(jax.random.key(0), x, LOWER, UPPER, 20.0, n) != x).sum(1).mean())
        for n in (0.0, 1.0, 6.0)
    ]
    assert changed[0] == 1.0
    assert 1.5 < changed[1] < 2.4 and 5.5 < changed[2] < 8.0


def test_steps_move_offspring_alone_and_only_where_they_are_asked_for():
    asked = []

    def steps(offspring, key):
        asked.append(offspring.shape)
        return jnp.ones_like(offspring)

    found = {}
    for sigma in (0.0, 0.1):
        settings = SwarmSettings.default(population=8, hierarchical_sigma=sigma)
        swarm = NoisySwarm(LOWER, UPPER, OBJECTIVES, settings, steps=steps)
        state = swarm.setup(jax.random.PRNGKey(0))
        state = swarm.init_tell(state, jnp.ones((8, OBJECTIVES)))
        found[sigma], _ = swarm.ask(state)
    assert asked == [found[0.0][-8:].shape]
    k = len(found[0.0]) - 8
    assert (found[0.1][:k] == found[0.0][:k]).all()
    moved = jnp.clip(found[0.0][k:] + 0.1, LOWER, UPPER)
    assert jnp.allclose(found[0.1][k:], moved)
