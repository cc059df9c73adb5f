"""The config files, their schema and the table of keys agree; mistakes are named."""

from pathlib import Path

import pytest
import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.config import (
    check_sizes,
    leaves,
    read_schema,
    table_of_keys,
    validated,
)

ROOT = Path(__file__).parents[2]
SCHEMA = read_schema(ROOT / "workflow/schemas/config.schema.yaml")
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())
OVERLAYS = ("smoke", "workstation", "paper")


def sections(schema):
    inner = schema.get("properties", {}).values()
    return [schema, *(s for spec in inner for s in sections(spec) if "type" in s)]


def number_of_sections(config):
    inner = [value for value in config.values() if isinstance(value, dict)]
    return len(inner) + sum(map(number_of_sections, inner))


def test_default_config_holds_every_key_with_the_default_of_the_schema():
    assert validated({}, SCHEMA) == DEFAULT


def test_every_section_of_the_schema_refuses_unknown_keys():
    objects = [s for s in sections(SCHEMA) if s.get("type") == "object"]
    assert len(objects) == 1 + number_of_sections(DEFAULT)
    assert all(section["additionalProperties"] is False for section in objects)


def test_every_key_has_description_unit_source_and_default():
    for name, spec in leaves(SCHEMA):
        missing = {"description", "unit", "source", "default"} - set(spec)
        assert not missing, f"{name} lacks {missing}"


def test_every_number_has_a_range():
    for name, spec in leaves(SCHEMA):
        if spec.get("type") in {"integer", "number"}:
            assert "maximum" in spec, name
            assert "minimum" in spec or "exclusiveMinimum" in spec, name


def test_readme_holds_the_table_of_the_schema():
    assert table_of_keys(SCHEMA) in (ROOT / "config/README.md").read_text()


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlay_is_valid_and_changes_the_run(name):
    overlay = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    assert validated(overlay, SCHEMA)["run"] == name


MISTAKES = {
    "unknown key, close": ({"search": {"populaton": 4}}, "did you mean population"),
    "unknown key, far": ({"search": {"zzz": 4}}, "zzz is an unknown key"),
    "unknown section": ({"netwerk": {}}, "did you mean network"),
    "negative N": ({"network": {"n_neurons": -5}}, "network.n_neurons is -5"),
    "odd population": ({"search": {"population": 7}}, "search.population is 7"),
    "small population": ({"search": {"population": 2}}, "search.population is 2"),
    "text for number": ({"plasticity": {"eta": "3e-3"}}, "write 0.003"),
    "unknown choice": ({"task": {"reward": "hits"}}, "hit or correct"),
    "gain": ({"simulation": {"recurrent_gain": "atuo"}}, "simulation.recurrent_gain"),
    "item of a list": ({"cross_scale": {"sizes": [0]}}, "cross_scale.sizes.0 is 0"),
    "section is empty": ({"search": None}, "search is None"),
    "section is a number": ({"network": 5}, "network is 5"),
    "run with a slash": ({"run": "a/b"}, "run is 'a/b'"),
    "late window": ({"task": {"window_end_ms": 900}}, "task.window_end_ms is 900"),
    "phi order": ({"task": {"phi_min": 1.0}}, "task.phi_max is 1.0"),
    "relative phi": ({"task": {"phi_max": 10}}, "relative threshold"),
    "orientations": (
        {"stimuli": {"orientation_min_deg": 170}},
        "stimuli.orientation_max_deg",
    ),
    "too many instances": (
        {"search": {"instances_per_generation": 9}},
        "search.instances_per_generation is 9",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_one_sentence_that_names_the_key(name):
    overlay, words = MISTAKES[name]
    with pytest.raises(UserError) as caught:
        validated(overlay, SCHEMA)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_validation_leaves_its_argument_alone():
    overlay = {"network": {"n_neurons": 300}}
    validated(overlay, SCHEMA)["network"]["n_neurons"] = 1
    assert overlay == {"network": {"n_neurons": 300}}


@pytest.mark.parametrize(
    ("overlay", "key"),
    [
        ({"network": {"n_neurons": 33}}, "network.n_neurons is 33"),
        ({"cross_scale": {"sizes": [100, 20]}}, "cross_scale.sizes is 20"),
    ],
)
def test_network_smaller_than_its_types_allow_is_refused(overlay, key):
    config = validated(overlay, SCHEMA)
    with pytest.raises(UserError, match=key):
        check_sizes(config, n_types=17)
    check_sizes(config, n_types=5)


def test_order_of_keys_and_whole_numbers_make_no_difference():
    one = {"task": {"phi_min": 0, "phi_max": 1}}
    other = {"task": {"phi_max": 1.0, "phi_min": 0.0}}
    assert repr(validated(one, SCHEMA)) == repr(validated(other, SCHEMA))


def test_demo_compares_random_rules_at_equal_evaluations():
    search = DEFAULT["search"]
    generations = search["segments"] * search["generations_per_segment"]
    # The first generation has no survivors to measure again.
    evaluations = search["population"] * (2 * generations - 1)
    assert DEFAULT["baselines"]["random_rules"] == evaluations
