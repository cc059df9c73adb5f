"""The example in docs/brian2.md runs as it stands, on the files of a run."""

import re
from pathlib import Path

import pytest
from front_of_a_run import PLASTICITY, write_small_run, x_post_is_best

PAGE = Path(__file__).parents[2] / "docs/brian2.md"


def test_the_example_exports_the_champion_with_the_settings_of_its_run(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_small_run(tmp_path / "results/demo/pareto")
    page = PAGE.read_text(encoding="utf-8")
    example = re.findall(r"^```python\n(.+?)^```", page, flags=re.M | re.S)[0]
    names = {}
    exec(compile(example, "docs/brian2.md", "exec"), names)
    assert names["champion"] > 0
    champion = names["genomes"][names["champion"]]
    assert x_post_is_best(champion) == pytest.approx(0.8)
    assert vars(names["settings"]) == PLASTICITY
    script = (tmp_path / "rule.py").read_text(encoding="utf-8")
    compile(script, "rule.py", "exec")
    assert str(PLASTICITY["eta"]) in script
    assert "X_post" in names["rule"].weight_update
    assert "S_pre" not in names["rule"].weight_update
