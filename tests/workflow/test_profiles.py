"""The profiles for a cluster fit the rules of the workflow."""

import re
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / "workflow"
RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def rules():
    """The text of each rule by name."""
    files = sorted((WORKFLOW / "rules").glob("*.smk"))
    return dict(pair for path in files for pair in RULE.findall(path.read_text()))


def profile(name):
    return yaml.safe_load((WORKFLOW / "profiles" / name / "config.yaml").read_text())


def test_no_rule_asks_a_cluster_without_gpus_for_one(rules):
    asking = {f"{name}:gpu=0" for name, text in rules.items() if "gpu=" in text}
    listed = {r for r in profile("slurm-cpu")["set-resources"] if r.endswith("gpu=0")}
    assert len(asking) > 20
    assert listed == asking


@pytest.mark.parametrize("name", ["slurm", "slurm-cpu"])
def test_grouped_rules_are_there_and_run_one_at_a_time(rules, name):
    chosen = profile(name)
    grouped = {entry.partition("=")[0] for entry in chosen["groups"]}
    assert grouped and grouped <= set(rules)
    assert {f"{rule}:at_once=1" for rule in grouped} <= set(chosen["set-resources"])
