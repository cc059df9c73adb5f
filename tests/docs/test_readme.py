"""The example at the top of README.md runs as it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example():
    return re.findall(r"^```python\n(.+?)^```", README, flags=re.M | re.S)[0]


def test_the_example_is_short_and_stands_before_any_result(example):
    assert len([line for line in example.splitlines() if line.strip()]) <= 15
    assert README.index(example) < README.index("## What comes out")
    assert README.index(example) < re.search(r"\bp 0\.\d", README).start()


def test_the_example_says_the_accuracy_of_its_own_rule(example, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    own, none = capsys.readouterr().out.splitlines()
    assert all(term in own for term in names["terms"])
    assert none.startswith("Δw = 0 ")
    printed = re.findall(r"\d\.\d+", own.split("[")[1] + none.split("[")[1])
    measured = names["found"].accuracy.ravel().tolist()
    assert [float(value) for value in printed] == pytest.approx(measured, abs=6e-4)
    assert all(0.4 < value < 0.9 for value in measured)
