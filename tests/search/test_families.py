from dataclasses import replace

import jax
import numpy as np
import pytest
from family_toys import SETTINGS, SPACE, WORLDS, toy_search

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.evox_compat import Problem, State, StdWorkflow
from evoplast.rules import TERM_NAMES, decode, formula, gates_of
from evoplast.search.directions import hierarchical_directions
from evoplast.search.families import (
    FamilyEvolution,
    collect_families,
    estimates,
    family_history,
    next_families,
    ranking,
    read_families,
    run_round,
)
from evoplast.search.families.evolution import centred_ranks
from evoplast.search.families.family import (
    allowed_terms,
    coefficients_of,
    first_families,
    first_formulas,
)
from evoplast.search.families.files import read_part
from evoplast.search.families.measure import thresholds
from evoplast.search.families.stage import families_of_round, run_part
from evoplast.search.families.succession import formulas_of, mutated, united
from evoplast.search.stage_files import StageFiles

PROVENANCE = {"settings": {"eta": 0.01}, "source": "abc"}


def start(search):
    return families_of_round(search, 0, [])[0]


def run_all(search, folder, n_parts=1):
    """Run every round in ``n_parts`` parts; return the paths by round."""
    rounds, previous = [], []
    for number in range(len(search.settings.rounds)):
        paths = [folder / f"round_{number}_{k}.nc" for k in range(n_parts)]
        for k, path in enumerate(paths):
            run_part(
                search,
                number,
                (k, n_parts),
                WORLDS,
                StageFiles(path, previous),
                PROVENANCE,
            )
        rounds.append(paths)
        previous = paths
    return rounds


class Sphere(Problem):
    """Distance to 0.7 in every coordinate; the limit is a largest sum."""

    def __init__(self, limit):
        self.limit = limit

    def setup(self, key):
        return State()

    def evaluate(self, state, x):
        value = ((x - 0.7) ** 2).sum(axis=1)
        excess = np.maximum(x.sum(axis=1) - self.limit, 0.0)
        return np.stack([value, excess], axis=1), state


def evolved(limit, n_generations=200):
    settings = toy_search(
        sigma=0.1,
        sigma_decay=0.1,
        first_multiplier=0.5,
        largest_multiplier=100.0,
    ).settings
    algorithm = FamilyEvolution(
        np.zeros(4),
        -np.ones(4),
        np.ones(4),
        lambda key, n: jax.random.normal(key, (n, 4)),
        16,
        settings,
    )
    workflow = StdWorkflow(algorithm, Sphere(limit), jit_step=False)
    state = workflow.init(jax.random.key(3))
    for _ in range(n_generations):
        state = workflow.step(state)
    return np.asarray(state.get_child_state("algorithm").mean)


def test_the_mean_finds_an_optimum_as_an_evox_algorithm():
    assert np.abs(evolved(limit=100.0) - 0.7).max() < 0.05


def test_the_mean_goes_to_a_limit_and_stays_there():
    total = evolved(limit=1.6).sum()
    assert 1.3 < total < 1.75


def test_ranks_are_centred_scaled_and_share_ties():
    weight = np.asarray(centred_ranks(np.array([3.0, 1.0, np.inf, 1.0])))
    assert weight[1] == weight[3] > weight[0] > weight[2]
    assert weight.sum() == pytest.approx(0.0, abs=1e-6)
    assert np.abs(weight).sum() == pytest.approx(2.0)
    assert not np.asarray(centred_ranks(np.ones(4))).any()


def test_directions_are_of_unit_variance_inside_the_formula_and_zero_outside():
    gates = gates_of("S_pre + S_pre·X_post + R")
    drawn = np.asarray(
        hierarchical_directions(SPACE, gates, jax.random.key(0), 4000, 0.0)
    )
    active = np.zeros(SPACE.n_parameters, bool)
    for index in np.flatnonzero(gates):
        active[coefficients_of(SPACE, int(index))] = True
    assert not drawn[:, ~active].any()
    np.testing.assert_allclose(drawn[:, active].std(axis=0), 1.0, atol=0.06)


def test_directions_of_pairs_share_what_their_types_share():
    gates = gates_of("S_pre·X_post")
    drawn = np.asarray(
        hierarchical_directions(SPACE, gates, jax.random.key(1), 20000, 0.0)
    )
    part = coefficients_of(SPACE, TERM_NAMES.index("S_pre·X_post"))
    pairs = drawn[:, part].reshape(-1, 3, 3)

    def correlation(a, b):
        return np.corrcoef(pairs[:, *a], pairs[:, *b])[0, 1]

    assert correlation((0, 0), (0, 1)) == pytest.approx(0.5, abs=0.03)
    assert correlation((0, 0), (1, 0)) == pytest.approx(0.5, abs=0.03)
    assert correlation((0, 0), (1, 1)) == pytest.approx(0.25, abs=0.03)


def test_time_constants_move_only_where_the_formula_uses_them():
    def moved(text):
        drawn = hierarchical_directions(
            SPACE, gates_of(text), jax.random.key(0), 50, 10.0
        )
        return [
            np.asarray(drawn)[:, SPACE.slices[name]].any()
            for name in ("tau_E_ms", "tau_R_ms")
        ]

    assert moved("S_pre") == [False, False]
    assert moved("X_pre") == [True, False]
    assert moved("S_pre*R") == [False, True]


def test_a_search_finds_the_terms_that_help(tmp_path):
    rounds = run_all(toy_search(optimism=1.0), tmp_path)
    last = read_families(rounds[-1]).families
    best = last[ranking(last, SETTINGS, 1)[0]]
    assert "S_pre" in best.formula.split(" + ")[0]
    mean, se = estimates(last, SETTINGS)
    assert -mean[:, 0].min() > 0.01 > se[0, 0]


def test_the_means_threshold_is_the_best_one(tmp_path):
    rounds = run_all(toy_search(), tmp_path)
    for family in read_families(rounds[-1]).families:
        assert decode(SPACE, family.mean[None]).phi[0] == pytest.approx(0.4)


def test_how_a_round_is_split_changes_nothing(tmp_path):
    searches = []
    for n_parts in (1, 3):
        folder = tmp_path / str(n_parts)
        folder.mkdir()
        searches.append(read_families(run_all(toy_search(), folder, n_parts)[-1]))
    for one, other in zip(searches[0].families, searches[1].families, strict=True):
        assert one.number == other.number
        assert one.mean.tobytes() == other.mean.tobytes()
        assert one.record.of_mean.tobytes() == other.record.of_mean.tobytes()


def test_a_killed_part_goes_on_and_ends_with_the_same_bytes(tmp_path):
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    for folder in (whole, torn):
        folder.mkdir()
    search = toy_search()
    run_part(search, 0, (0, 1), WORLDS, StageFiles(whole / "a.nc", []), PROVENANCE)
    only_first = {0: None}
    with pytest.raises(KeyError):
        run_part(
            search, 0, (0, 1), only_first, StageFiles(torn / "a.nc", []), PROVENANCE
        )
    assert not (torn / "a.nc").exists()
    only_second = {1: None}
    run_part(search, 0, (0, 1), only_second, StageFiles(torn / "a.nc", []), PROVENANCE)
    assert read_dataset(whole / "a.nc").identical(read_dataset(torn / "a.nc"))
    assert not list((torn / ".state").glob("*.nc"))


def test_a_killed_part_does_not_go_on_under_other_settings(tmp_path):
    search, path = toy_search(), tmp_path / "a.nc"
    with pytest.raises(KeyError):
        run_part(search, 0, (0, 1), {0: None}, StageFiles(path, []), PROVENANCE)
    other = {**PROVENANCE, "settings": {"eta": 0.5}}
    with pytest.raises(KeyError):
        run_part(search, 0, (0, 1), {1: None}, StageFiles(path, []), other)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"settings": {"eta": 0.5}}, "eta = 0.01, and this run has 0.5"),
        ({"source": "abd"}, "the source = abc, and this run has abd"),
        ({"networks": {"a.nc": "1f"}}, None),
        ({"settings": {"eta": 0.01, "families": {"rounds": [[1, 2], [3, 4]]}}}, None),
        ({"settings": {"eta": 0.01, "families": {"rounds": [[1, 3]]}}}, "families.rou"),
    ],
)
def test_a_round_of_other_settings_is_not_continued(tmp_path, other, said):
    search, path = toy_search(), tmp_path / "a.nc"
    base = {"eta": 0.01, "families": {"rounds": [[1, 2]]}}
    first = {**PROVENANCE, "settings": base, "networks": {"a.nc": "0f"}}
    run_part(search, 0, (0, 1), WORLDS, StageFiles(path, []), first)
    second = {**first, **other}
    if "families" not in second["settings"]:
        second["settings"] = {**base, **second["settings"]}
    if said is None:
        run_part(
            search, 1, (0, 1), WORLDS, StageFiles(tmp_path / "b.nc", [path]), second
        )
    else:
        with pytest.raises(UserError, match=said):
            run_part(
                search, 1, (0, 1), WORLDS, StageFiles(tmp_path / "b.nc", [path]), second
            )


def test_families_in_a_file_are_those_that_went_in(tmp_path):
    search, path = toy_search(), tmp_path / "a.nc"
    run_part(search, 0, (0, 1), WORLDS, StageFiles(path, []), PROVENANCE)
    done = run_round(search, start(search), 0, WORLDS)
    for one, other in zip(read_part(path).families, done, strict=True):
        assert one.formula == other.formula
        for name in ("mean", "velocity", "key", "by_threshold"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_all_families_and_their_history_are_collected(tmp_path):
    search = toy_search()
    rounds = run_all(search, tmp_path)
    found = collect_families(rounds)
    assert len({family.number for family in found}) == len(found) > 25
    assert len({family.formula for family in found}) == len(found)
    history = family_history(rounds)
    assert len(history) == sum(n * g for n, g, _ in search.settings.rounds)
    np.testing.assert_allclose(
        history["gain"], history["accuracy"] - history["control_accuracy"]
    )


def test_no_formula_is_bred_twice_and_the_best_stay(tmp_path):
    search = toy_search()
    before = run_round(search, start(search), 0, WORLDS)
    args = (search, 1, before, formulas_of(before), 25)
    after, again = next_families(*args), next_families(*args)
    assert [f.formula for f in after] == [f.formula for f in again]
    assert len({f.formula for f in after}) == len(after) == 8
    assert [f.number for f in after[4:]] == [25, 26, 27, 28]
    kept = [before[i].number for i in ranking(before, search.settings, 4)]
    assert [f.number for f in after[:4]] == kept
    assert all(f.evaluations == 0 for f in after[4:])


def test_a_union_inherits_the_coefficients_of_its_parents():
    search = toy_search()
    families = run_round(search, start(search), 0, WORLDS)
    a, b = families[0], families[6]
    child = united([a, b], SPACE, 0.5)
    assert child.formula == formula(np.maximum(a.gates, b.gates))
    for parent, term, scale in ((a, 0, 1.0), (b, 6, 0.5)):
        part = coefficients_of(SPACE, term)
        np.testing.assert_allclose(child.mean[part], scale * parent.mean[part])
    assert child.parents == (a.number, b.number)


@pytest.mark.parametrize(("operator", "change"), [(1, 1), (2, 0), (3, -1)])
def test_mutations_change_one_term(operator, change):
    search = toy_search()
    families = run_round(search, start(search), 0, WORLDS)
    parent = united([families[0], families[6]], SPACE, 1.0)
    child = mutated(
        parent, families, SPACE, SETTINGS, operator, np.random.default_rng(1)
    )
    assert child.n_terms == parent.n_terms + change
    assert child.formula != parent.formula
    for term in np.flatnonzero(child.gates == 0):
        assert not child.mean[coefficients_of(SPACE, int(term))].any()


def test_a_search_starts_with_all_formulas_of_one_term():
    formulas = [formula(g) for g in first_formulas(("X_post + X_post^2",), (), None)]
    assert formulas == [
        *(f"Δw = {name}" for name in TERM_NAMES),
        "Δw = X_post + X_post²",
    ]
    families = first_families(SPACE, first_formulas((), (), None), 1, 0, 5, 0.01)
    keys = {family.key.tobytes() for family in families}
    assert len(keys) == len(families) == 25
    assert len(thresholds(SPACE)) > 20


def test_a_search_without_some_terms_costs_as_much_and_never_has_them(tmp_path):
    excluded = tuple(name for name in TERM_NAMES if "R" in name.split("·"))
    assert len(excluded) == 13
    rng = np.random.default_rng(1)
    first = first_formulas(("X_post + X_post*R",), excluded, rng)
    assert len({formula(gates) for gates in first}) == len(first) == 26
    rounds = run_all(toy_search(excluded_terms=excluded), tmp_path)
    found = [read_families(paths).families for paths in rounds]
    assert [len(families) for families in found] == [n for n, _, _ in SETTINGS.rounds]
    assert not any("R" in family.formula for part in found for family in part)


def test_terms_left_out_are_named_one_by_one():
    with pytest.raises(UserError, match="'R \\+ S_pre', a formula of 2 terms"):
        allowed_terms(["R + S_pre"])
    with pytest.raises(UserError, match="nearest is 'X_pre·R'"):
        allowed_terms(["X_pr*R"])


def test_a_family_with_all_allowed_terms_can_not_add_one():
    families = start(toy_search())
    parent = families[0]
    rest = tuple(name for name in TERM_NAMES if parent.formula != f"Δw = {name}")
    settings = replace(SETTINGS, excluded_terms=rest)
    rng = np.random.default_rng(1)
    child = mutated(parent, families, SPACE, settings, 1, rng)
    assert child.formula == parent.formula


def test_a_misspelt_term_is_refused_with_the_nearest():
    search = toy_search(start_formulas=("S_pre*X_pots",), rounds=((26, 1, 4),))
    with pytest.raises(UserError, match="'S_pre·X_post'"):
        start(search)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rounds": ((25, 1, 5),)}, "5 samples"),
        ({"rounds": ((10, 1, 4),)}, "starts with 10 families"),
        ({"operators": (0.0, 0.0, 0.0, 0.0)}, "families.operators"),
        ({"first_multiplier": 2.0}, "families.first_multiplier is 2.0"),
        ({"sigma": float("nan")}, "families.sigma is nan"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(changes, words):
    with pytest.raises(UserError) as error:
        toy_search(**changes)
    assert words in str(error.value)


def test_more_parts_than_families_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"families\.parts is 26"):
        run_part(
            toy_search(),
            0,
            (0, 26),
            WORLDS,
            StageFiles(tmp_path / "a.nc", []),
            PROVENANCE,
        )


@pytest.mark.parametrize(
    "text", ["S_pre + X_post²", "Δw = X_post^2 + S_pre", "S_pre+X_post*X_post"]
)
def test_formulas_are_read_in_plain_text(text):
    assert formula(gates_of(text)) == "Δw = S_pre + X_post²"


@pytest.mark.parametrize("text", ["S_pre + S_pre", "S_pre·X_post·X_pre", "w"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(UserError):
        gates_of(text)
