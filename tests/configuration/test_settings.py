"""Settings have no defaults of their own; values by default stand in config.yaml."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

import evoplast
from evoplast.configuration.defaults import default_config, section_named
from evoplast.configuration.key import key_of
from evoplast.configuration.section import Settings
from evoplast.configuration.sections.enu import ShowcaseSection
from evoplast.configuration.settings import filled
from evoplast.enu.evolution import EvolutionSettings
from evoplast.evaluation import EvaluationSettings
from evoplast.search import SearchSettings
from evoplast.simulator import PlasticitySettings
from evoplast.stimuli import InputSettings

LIBRARY = Path(evoplast.__file__).parent
# Programs that measure; no stage of the workflow uses them.
PROGRAMS = ("cost/engine_benchmark.py", "cost/selection_cost.py", "enu/speed.py")


def every_settings_class():
    for module in pkgutil.walk_packages([str(LIBRARY)], "evoplast."):
        importlib.import_module(module.name)
    waiting, found = [Settings], set()
    while waiting:
        new = set(waiting.pop().__subclasses__()) - found
        found |= new
        waiting += new
    return sorted(found, key=lambda kind: kind.__name__)


def names_in_config(kind):
    sections = [section_named(default_config(), name) for name in kind.SECTIONS]
    borrowed = {name for section in sections for name in section}
    return borrowed | {f.name for f in fields(kind) if key_of(f.metadata)}


def test_no_key_of_the_config_has_a_second_default():
    classes = every_settings_class()
    assert len(classes) > 30
    for kind in classes:
        for field in fields(kind):
            if field.name in names_in_config(kind):
                unset = field.default is MISSING and field.default_factory is MISSING
                assert unset, f"{kind.__name__}.{field.name}"


def test_no_class_named_settings_hides_a_default_from_the_family():
    # Whatever its base: only what is no key of the config may have a value here.
    no_keys = {"controlled", "pad_edges_to"}
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
                given = {
                    part.target.id
                    for part in node.body
                    if isinstance(part, ast.AnnAssign)
                    and part.value is not None
                    and not ast.unparse(part.value).startswith("key(")
                }
                assert given <= no_keys | {"SECTION", "SECTIONS"}, f"{path} {given}"


def test_no_stage_takes_a_value_by_default():
    scripts = LIBRARY.parent / "scripts"
    for path in (*LIBRARY.rglob("*.py"), *scripts.rglob("*.py")):
        if not path.as_posix().endswith(PROGRAMS):
            assert "Settings.default(" not in path.read_text(), path


def test_values_by_default_are_those_of_config_yaml():
    config = default_config()
    assert PlasticitySettings.default().eta == config["plasticity"]["eta"]
    assert InputSettings.default() == filled(
        InputSettings, config["input"], config["task"]
    )
    assert SearchSettings.default().training_trials == config["task"]["training_trials"]
    expected = config["enu"]["evolution"] | config["enu"]["showcase"]
    assert EvolutionSettings.default() == filled(EvolutionSettings, expected)
    assert EvaluationSettings.default().plasticity == PlasticitySettings.default()
    generations = ShowcaseSection.default().generations_per_segment
    assert vars(generations) == config["enu"]["showcase"]["generations_per_segment"]


def test_changes_are_taken_and_checked():
    assert PlasticitySettings.default(eta=0.5).eta == 0.5
    with pytest.raises(ValueError, match=r"plasticity\.eta is 2.*above 0 up to 1"):
        PlasticitySettings.default(eta=2)
    with pytest.raises(ValueError, match=r"plasticity\.eta is nan"):
        PlasticitySettings.default(eta=float("nan"))
    with pytest.raises(TypeError, match="etta"):
        PlasticitySettings.default(etta=0.5)


def test_a_change_of_the_returned_defaults_stays_local():
    default_config()["search"]["population"] = 4
    assert default_config()["search"]["population"] != 4


def test_the_config_is_checked_without_jax():
    program = (
        "import sys; from evoplast.configuration.config import validated; "
        "validated({}); sys.exit('jax' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd="/")
