"""The page about own rules: its file is read, its types are those of the network."""

import csv
from pathlib import Path

import numpy as np

from evoplast.analysis.own_rules import read_own_rules
from evoplast.rules import RuleSpace, decode, formula

ROOT = Path(__file__).parents[2]


def type_names():
    lines = (ROOT / "resources/allen_v1/cell_types.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [row["cell_type"] for row in rows]


def test_the_file_of_the_page_is_read(tmp_path):
    page = (ROOT / "docs/own-rules.md").read_text(encoding="utf-8")
    path = tmp_path / "my_rules.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    names = type_names()
    space = RuleSpace(len(names), 0.0, 1.0)
    first, second = read_own_rules(path, space, names)
    parts = decode(space, first.genome[None])
    assert formula(parts.gates[0]) == "Δw = S_post·X_pre + X_post²"
    pair = parts.pair[0][:, names.index("e4"), names.index("e5")]
    assert np.isclose(pair, 0.2).any()
    assert not first.has_threshold and second.has_threshold
