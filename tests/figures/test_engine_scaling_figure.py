"""The figure of the engine's benchmark: every program and phase has its line."""

import itertools

import pandas as pd

from evoplast.artefacts.parquet import write_table
from evoplast.figures import engine_scaling


def table(sizes, steps=(100,)):
    """Return rows as ``make bench`` saves them, with made-up round times."""
    rows = []
    places = itertools.product(("cpu", "reference"), sizes, (1, 32), (1, 2), steps)
    for program, n_neurons, candidates, threads, n_steps in places:
        for phase in ("plastic, sparse", "plastic, dense", "frozen"):
            ms = n_neurons * candidates / threads / 100.0
            rows.append(
                {
                    "program": program,
                    "phase": phase,
                    "n_neurons": n_neurons,
                    "n_edges": n_neurons**2,
                    "candidates": candidates,
                    "threads": threads,
                    "n_steps": n_steps,
                    "ms_per_step": ms,
                    "ms_per_step_min": 0.9 * ms,
                    "ms_per_step_max": 1.3 * ms,
                    "ms_per_candidate": ms / candidates,
                }
            )
    return pd.DataFrame(rows)


def test_a_run_of_the_benchmark_is_drawn_into_its_folder(tmp_path):
    write_table(tmp_path / "engine.parquet", table((100, 300)), {})
    write_table(tmp_path / "steps.parquet", table((100,), (30, 100)), {})
    engine_scaling.draw_folder(tmp_path, dpi=60)
    assert (tmp_path / "scaling.png").stat().st_size > 5000
    assert (tmp_path / "scaling.pdf").exists()


def test_every_program_and_phase_has_a_line_in_every_panel():
    figure = engine_scaling.plot(table((100, 300)), table((100,), (30, 100)))
    lines = [len(panel.containers) for panel in figure.axes]
    # Two programs, two phases; along threads a line for each of two sizes, too.
    assert lines == [4, 4, 4, 8]


def test_times_are_per_candidate_in_microseconds():
    figure = engine_scaling.plot(table((100, 300)), table((100,), (30, 100)))
    values = figure.axes[0].containers[0].lines[0].get_ydata()
    assert list(values) == [1000.0, 3000.0]
