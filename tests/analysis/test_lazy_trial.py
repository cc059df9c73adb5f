"""Lazy synapses: where they equal the exact rule, in closed form, and where not."""

import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))
sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
from circuits import network, random_network  # noqa: E402
from small_worlds import small_drives, small_world  # noqa: E402

from evoplast.analysis import lazy_trial as trial
from evoplast.analysis.lazy_trial import LINEAR, LazyUpdate
from evoplast.artefacts.errors import UserError
from evoplast.rules import TERM_NAMES, RuleSpace, decode, no_plasticity, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    lane_rules,
    run_steps,
)
from evoplast.simulator.run import KERNELS

SPACE = RuleSpace(4)
FREE = PlasticitySettings.default(eta=1e-3, max_relative_change=0.9, bound_factor=1e6)
TIGHT = PlasticitySettings.default(
    eta=0.05, max_relative_change=0.01, bound_factor=1.05
)
N_STEPS = 60
NEVER = LazyUpdate(N_STEPS)
KICK_PA = 1e5


def rule_of(terms, tau_ms=20.0):
    """Return the genome of a rule with the same coefficient for all types."""
    genome = no_plasticity(SPACE).copy()
    for name in ("pre", "post", "pair", "reward_alone"):
        genome[SPACE.slices[name]] = 1.0
    for name in ("tau_E_ms", "tau_R_ms"):
        genome[SPACE.slices[name]] = tau_ms
    gates = genome[SPACE.slices["gates"]]
    gates[[TERM_NAMES.index(name) for name in terms]] = 1.0
    return genome


def trained(kernel, net, genomes, plasticity, current, felt=True, **start):
    """Return model, strengths (E, L) and spike counts (N, L) after ``current``."""
    model = build_model(net, SimulationSettings.default(recurrent_gain=1.0), plasticity)
    if not felt:
        model = replace(model, signed_gain_pA=jnp.zeros_like(model.signed_gain_pA))
    rules = lane_rules(decode(SPACE, genomes), 1, plasticity)
    state = replace(initial_state(model, len(genomes)), **start)
    run = jax.jit(lambda s: kernel(model, rules, s, current, READOUT, plasticity, True))
    state, observed = run(state)
    return model, np.asarray(state.weights), np.asarray(observed.spike_counts)


READOUT = jnp.arange(2)
CURRENT = np.random.default_rng(0).uniform(0, 900, (N_STEPS, 12, 1)).astype(np.float32)


def pair(spikes_of_source, spikes_of_target):
    """Return two neurons, an edge from 0 to 1, and the current that makes them fire."""
    current = np.zeros((N_STEPS, 2, 1), np.float32)
    current[list(spikes_of_source), 0] = KICK_PA
    current[list(spikes_of_target), 1] = KICK_PA
    return network([0, 2], [0], [1], [50.0], [1.0], [0]), current


def lazily(update=NEVER):
    return partial(trial.run_lazily, update)


@pytest.mark.parametrize("plasticity", [FREE, TIGHT], ids=["free", "limited"])
def test_a_term_of_presynaptic_spikes_alone_is_exact_and_known_in_closed_form(
    plasticity,
):
    net, current = pair((5, 20, 21, 40), ())
    genomes = rule_of(["S_pre"])[None]
    genomes[:, SPACE.slices["pre"]] = -1.0
    _, exact, counts = trained(run_steps, net, genomes, plasticity, current)
    _, lazy, seen = trained(lazily(), net, genomes, plasticity, current)
    n_spikes = int(counts[0, 0])
    assert n_spikes == 3
    assert np.array_equal(seen, counts)
    fall = plasticity.eta * 50.0 * np.arange(n_spikes + 1)
    slowest = 50.0 * (1 - plasticity.max_relative_change) ** n_spikes
    expected = max(50.0 - fall[-1], slowest)
    assert lazy[0, 0] == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(lazy, exact, rtol=1e-6)


def test_what_a_silent_source_is_owed_are_the_running_sums_of_a_lazy_kernel():
    target_spikes, x, keep, r = (3, 10, 11, 30), 0.8, 1 - 1 / 20.0, 0.6
    net, current = pair((), target_spikes)
    terms = ["X_pre", "S_post·X_pre", "X_pre·X_post", "X_pre²", "X_post", "S_post·R"]
    start = {
        "trace": jnp.array([[x], [0.0]], jnp.float32),
        "reward": jnp.full((4, 1), r, jnp.float32),
    }
    run = partial(trained, plasticity=FREE, current=current, **start)
    _, lazy, counts = run(lazily(), net, rule_of(terms)[None])
    fired = np.zeros(N_STEPS)
    fired[[3, 10, 30]] = 1  # refractory in step 11
    assert counts[:, 0].tolist() == [0, fired.sum()]
    slow, trace, sums = FREE.continuous_term_scale, 0.0, np.zeros(3)
    for t, spike in enumerate(fired):
        sums[0] += slow * trace + spike * r * keep**t
        sums[1] += keep**t * (slow * (1 + trace) + spike)
        sums[2] += keep ** (2 * t) * slow
        trace = trace * keep + spike
    owed = FREE.eta * 50.0 * (sums @ [1, x, x**2])
    assert lazy[0, 0] - 50.0 == pytest.approx(owed, rel=1e-4)


@cache
def random_rules(n=6):
    return random_genomes(SPACE, n, jax.random.key(3), 0.4)


def test_without_cap_and_bounds_lazy_synapses_learn_the_same():
    args = (random_network(), random_rules(), FREE, CURRENT, False)
    model, exact, counts = trained(run_steps, *args)
    _, lazy, seen = trained(lazily(LazyUpdate(N_STEPS // 2)), *args)
    assert np.array_equal(seen, counts)
    assert counts.sum() > 50
    change = np.abs(exact - np.asarray(model.w_init)[:, None])
    assert change.max() > 1.0
    np.testing.assert_allclose(lazy, exact, rtol=1e-4, atol=1e-4)


def test_with_a_flush_in_every_step_it_is_the_exact_rule_limits_included():
    args = (random_network(), random_rules(), TIGHT, CURRENT)
    model, exact, counts = trained(run_steps, *args)
    _, lazy, seen = trained(lazily(LazyUpdate(1)), *args)
    assert (exact >= np.asarray(model.w_max)[:, None]).mean() > 0.1
    assert np.array_equal(seen, counts)
    np.testing.assert_allclose(lazy, exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cap", [trial.COMPOUND, LINEAR])
def test_one_jump_beyond_the_cap_of_a_step_is_cut_exactly_but_not_lazily(cap):
    net, current = pair((), (3,))
    plasticity = replace(TIGHT, bound_factor=4.0)
    args = (net, rule_of(["S_post"])[None], plasticity, current)
    exact, lazy = (
        trained(k, *args)[1] for k in (run_steps, lazily(LazyUpdate(60, cap)))
    )
    assert exact[0, 0] == pytest.approx(50.0 * 1.01, rel=1e-6)
    assert lazy[0, 0] == pytest.approx(50.0 * 1.05, rel=1e-6)


def test_the_cap_of_many_steps_is_what_they_could_reach_one_by_one():
    steps = jnp.array([0.0, 1.0, 150.0])
    low, high = trial.allowed_change(trial.COMPOUND, 0.01, steps)
    np.testing.assert_allclose(1 + low, 0.99 ** np.array([0, 1, 150]), rtol=1e-5)
    np.testing.assert_allclose(1 + high, 1.01 ** np.array([0, 1, 150]), rtol=1e-5)
    low, high = trial.allowed_change(LINEAR, 0.01, steps)
    np.testing.assert_allclose([low, high], [[0, -0.01, -1.5], [0, 0.01, 1.5]])


def test_a_whole_trial_says_how_far_each_update_went_astray(monkeypatch):
    world = small_world(kernel="reference")
    seeds = []

    def drives(world, seed, *rest):
        seeds.append(seed)
        return small_drives()

    monkeypatch.setattr(trial, "make_drives", drives)
    settings = trial.LazyTrialSettings(6, 2, 0.3, 3, 4, 150)
    (found,) = trial.study({7: world}, settings, 1)
    assert len(set(seeds)) == 2
    felt, fixed = found["network 7"], found["spikes fixed"]
    assert felt.index.tolist() == [
        trial.EXACT,
        *(update.name for update in settings.updates),
        trial.AGAIN,
    ]
    same = felt.loc[trial.EXACT, ["counted_rank", "counted_front"]]
    assert same.tolist() == pytest.approx([1, 1])
    every_step, compound, _ = (u.name for u in settings.updates)
    assert felt.loc[every_step, "strength_max"] < 1e-3
    assert fixed.loc[compound, "strength_max"] > 0.01
    assert not any(name.startswith("lazy") for name in KERNELS)


def result(accuracy, n_tasks=2):
    column = np.asarray(accuracy, float)
    objectives = np.zeros((len(column), 6))
    objectives[:, 0], objectives[:, 2] = -column, column
    return SimpleNamespace(
        objectives=objectives,
        smoothed_accuracy=np.repeat(column[:, None], n_tasks, axis=1),
        mean_rate_hz=column,
    )


def test_comparison_leaves_failed_rules_out():
    exact, other = result([0.5, 0.6, 0.7, 0.9]), result([0.6, 0.5, 0.7, 0.1])
    intact = np.array([True, True, True, False])
    row = trial.compared(other, exact, intact, 1)
    assert row["counted_rank"] == pytest.approx(0.5)
    assert row["smoothed_difference"] == pytest.approx(0.0)
    assert (row["counted_best"], row["smoothed_front"]) == (1.0, 1.0)
    assert row["counted_front_size"] == 3
    assert row["rate_rms_hz"] == pytest.approx(np.sqrt(0.02 / 3))
    assert trial.compared(other, exact, ~intact | intact, 1)["counted_best"] == 0.0


def test_networks_are_averaged_but_the_largest_difference_is_kept():
    table = pd.DataFrame(
        {
            "network": [0, 1],
            "variant": ["lazy", "lazy"],
            "counted_rank": [0.2, 0.6],
            "strength_max": [1.0, 3.0],
        }
    )
    (row,) = trial.over_networks(table).to_dict("records")
    assert row["counted_rank"] == pytest.approx(0.4)
    assert row["counted_rank_se"] == pytest.approx(0.2)
    assert row["strength_max"] == 3.0


def test_impossible_settings_are_refused():
    with pytest.raises(UserError, match="flush every 0 steps"):
        LazyUpdate(0)
    with pytest.raises(UserError, match="the cap 'none'"):
        LazyUpdate(1, "none")
    with pytest.raises(UserError, match="The best 6 of 6 rules"):
        trial.LazyTrialSettings(6, 6, 0.1, 1, 2, 150)
