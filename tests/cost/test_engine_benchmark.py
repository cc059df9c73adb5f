"""The arithmetic and the tables of the benchmark of the engine; one tiny run."""

import pandas as pd
import pytest

from evoplast.cost import engine_benchmark as bench
from evoplast.cost.engine_benchmark import (
    BRIAN2,
    CPU,
    DENSE,
    FROZEN,
    REFERENCE,
    SPARSE,
    Case,
    Repeat,
)


def test_speed_counts_every_synapse_of_every_candidate():
    assert bench.gsyn_per_s(100_000, 32, 50, 0.016) == pytest.approx(10.0)


def test_the_roofline_allows_one_synapse_for_eight_bytes():
    assert bench.roofline_fraction(5.0, 80.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "candidates, n_steps", [(1, 500), (20, 100), (40, 50), (4000, 50)]
)
def test_a_repeat_does_about_the_same_work_for_any_population(candidates, n_steps):
    assert bench.steps_for(100_000, candidates, 2e8) == n_steps


def test_the_reference_is_estimated_to_need_more_memory():
    few, many = (Case(REFERENCE, p, 1, 20) for p in (1, 256))
    lean = Case(CPU, 256, 1, 20)
    assert bench.estimated_bytes(few, 720_000) < bench.estimated_bytes(lean, 720_000)
    assert bench.estimated_bytes(lean, 720_000) < bench.estimated_bytes(many, 720_000)


def test_the_bandwidth_is_a_plausible_number():
    assert 0.01 < bench.in_place_bandwidth(2, n_bytes=2**20) < 1e5


def test_a_row_holds_medians_and_extremes(tiny_network):
    repeats = [Repeat(s, 2 * s, 6.0, 0.1) for s in (0.01, 0.02, 0.06)]
    row = bench.summarise(tiny_network, Case(CPU, 4, 2, 10), SPARSE, repeats)
    found = (row["ms_per_step_min"], row["ms_per_step"], row["ms_per_step_max"])
    assert found == pytest.approx((1.0, 2.0, 6.0))
    assert row["ms_per_candidate"] == pytest.approx(0.5)
    assert row["cpu_ms_per_candidate"] == pytest.approx(1.0)
    assert row["gsyn_per_s"] == pytest.approx(tiny_network.n_edges * 40 / 0.02 / 1e9)


def _row(program, candidates, phase, ms, n_neurons=1000, roofline=0.5):
    return {
        "program": program,
        "candidates": candidates,
        "threads": 1,
        "n_neurons": n_neurons,
        "phase": phase,
        "ms_per_candidate": ms,
        "cpu_ms_per_candidate": 2 * ms,
        "roofline_fraction": roofline,
    }


@pytest.fixture(scope="module")
def table():
    return pd.DataFrame(
        [
            _row(REFERENCE, 32, SPARSE, 3.2),
            _row(CPU, 32, SPARSE, 0.2),
            _row(CPU, 32, DENSE, 0.3),
            _row(CPU, 32, FROZEN, 0.05),
            _row(BRIAN2, 1, SPARSE, 1.0),
            _row(CPU, 32, SPARSE, 0.9, n_neurons=3000),
        ]
    )


def test_ratios_compare_like_with_like(table):
    found = bench.ratios(table).groupby("comparison")["ratio"].apply(list)
    assert found["cpu / reference"] == pytest.approx([16.0])
    assert found["cpu / Brian2"] == pytest.approx([5.0])
    assert found["frozen / plastic"] == pytest.approx([4.0, 6.0])


def test_ratios_name_the_phase_that_is_compared_with_the_frozen_one(table):
    ratios = bench.ratios(table)
    frozen = ratios[ratios["comparison"] == "frozen / plastic"]
    assert list(frozen["phase"]) == [SPARSE, DENSE]


def test_targets_say_what_is_hit_and_what_is_missed(table):
    found = bench.targets(table).set_index(["comparison", "phase"])["verdict"]
    assert found.to_dict() == {
        ("cpu / reference", SPARSE): "hit",
        ("cpu / Brian2", SPARSE): "missed",
        ("fraction of the roofline", SPARSE): "hit",
        ("frozen / plastic", SPARSE): "missed",
        ("frozen / plastic", DENSE): "hit",
    }


def test_without_peers_there_are_no_ratios_to_them(table):
    ratios = bench.ratios(table[table["program"] != BRIAN2])
    assert "cpu / Brian2" not in set(ratios["comparison"])


@pytest.fixture(scope="module")
def repeats(tiny_network):
    problem = bench.make_problem(tiny_network, 2, seed=1)
    runs = bench.engine_runs(problem, Case(REFERENCE, 2, 1, 20))
    return {phase: [run(), run()] for phase, run in runs.items()}


@pytest.mark.parametrize("phase", [SPARSE, DENSE, FROZEN])
def test_repeats_do_the_same_work(repeats, phase):
    first, second = repeats[phase]
    assert first.rate_hz == second.rate_hz > 0
    assert first.fraction_at_bound == second.fraction_at_bound
    assert first.seconds > 0
    assert (first.fraction_at_bound == 0) or phase != FROZEN
