"""The notebook runs cell by cell as it stands, on the files of a run."""

import json
from pathlib import Path

import numpy as np
import pytest
from fakes import SPACE
from front_of_a_run import PLASTICITY, write_small_run

from evoplast import rules
from evoplast.artefacts.errors import UserError

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs/notebooks/rule_to_brian2.ipynb"
PRE_MS, END_MS = 60, 120


def code_cells():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def run_cells():
    names = {}
    for number, cell in enumerate(code_cells()):
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    return names


@pytest.fixture
def brian2(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests/oracles"))
    from brian2_door import import_brian2

    return import_brian2()


def test_outputs_are_stripped():
    assert code_cells()
    assert all(not c["outputs"] and c["execution_count"] is None for c in code_cells())


def change_by_hand(coefficient, tau_ms, post_ms):
    """Return the change in % of a weight under X_post alone, step by step."""
    weight, trace = 1.0, 0.0
    limit, eta = PLASTICITY["max_relative_change"], PLASTICITY["eta"]
    for step in range(END_MS):
        change = eta * PLASTICITY["continuous_term_scale"] * coefficient * trace
        weight += np.clip(change, -limit * weight, limit * weight)
        weight = np.clip(weight, 0.0, PLASTICITY["bound_factor"])
        trace = trace * (1 - 1 / tau_ms) + (step == post_ms)
    return 100 * (weight - 1)


@pytest.mark.filterwarnings("ignore::Warning")  # Brian2 uses names that others gave up
def test_the_champion_goes_to_brian2_and_comes_back(tmp_path, monkeypatch, brian2):
    monkeypatch.chdir(tmp_path)
    write_small_run(tmp_path / "results/demo/pareto")
    names = run_cells()
    assert names["rule"].formula == "Δw = X_post"
    parts = rules.decode(SPACE, names["genome"][None])
    values = parts.post[0, rules.POST_TERMS.index(rules.TERM_NAMES.index("X_post"))]
    for k, interval in enumerate(names["intervals_ms"]):
        expected = [
            change_by_hand(float(a), float(tau), PRE_MS + interval)
            for a, tau in zip(values, parts.tau_E_ms[0], strict=True)
        ]
        found = names["change_percent"][:, :, k]
        np.testing.assert_allclose(found, np.tile(expected, (3, 1)), rtol=1e-6)
    assert np.abs(names["change_percent"]).max() > 0
    assert (tmp_path / "from_brian2.csv").is_file()
    assert (names["back"].genome[SPACE.slices["phi"]] == parts.phi).all()


def test_without_a_run_the_notebook_names_the_file_that_is_missing(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="rules.parquet"):
        run_cells()
