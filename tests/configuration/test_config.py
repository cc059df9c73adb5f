"""The keys, the config files and the table of keys agree; mistakes are named."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.config import validated
from evoplast.configuration.contradictions import check_sizes
from evoplast.configuration.defaults import default_config
from evoplast.configuration.schema import schema_of
from evoplast.configuration.section import key
from evoplast.configuration.table import leaves, table_of_keys
from evoplast.configuration.tree import Config

ROOT = Path(__file__).parents[2]
FILES = ("config", "search", "circuit", "studies", "analyses", "enu")
TREES = [yaml.safe_load((ROOT / f"config/{name}.yaml").read_text()) for name in FILES]
DEFAULT = default_config()
OVERLAYS = ("smoke", "workstation", "paper")


def keys(tree, prefix=""):
    return [
        key
        for name, value in tree.items()
        for key in (
            keys(value, f"{prefix}{name}.")
            if isinstance(value, dict)
            else [f"{prefix}{name}"]
        )
    ]


def test_the_package_brings_all_files_of_keys_along():
    assert sorted(keys(DEFAULT)) == sorted(k for tree in TREES for k in keys(tree))


def test_a_user_of_the_demo_meets_few_keys():
    assert len(keys(TREES[0])) <= 120


def test_default_config_is_valid_and_holds_every_key():
    assert validated(DEFAULT) == DEFAULT
    assert [name for name, *_ in leaves(schema_of(Config), DEFAULT)]


def test_every_number_has_a_range():
    with pytest.raises(ValueError, match="needs an interval"):
        schema_of(dataclasses.make_dataclass("Bare", [("n", int, key("A number."))]))


def test_no_key_stands_in_two_files():
    every = [key for tree in TREES for key in keys(tree)]
    assert len(every) == len(set(every))


def test_readme_holds_the_table_of_keys():
    assert table_of_keys() in (ROOT / "config/README.md").read_text()


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlay_is_valid_and_changes_the_run(name):
    overlay = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    assert validated(overlay)["run"] == name


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
        validated(overlay)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_validation_leaves_its_argument_alone():
    overlay = {"network": {"n_neurons": 300}}
    validated(overlay)["network"]["n_neurons"] = 1
    assert overlay == {"network": {"n_neurons": 300}}


@pytest.mark.parametrize(
    ("overlay", "key"),
    [
        ({"network": {"n_neurons": 33}}, "network.n_neurons is 33"),
        ({"cross_scale": {"sizes": [100, 90, 20]}}, "cross_scale.sizes is 20"),
    ],
)
def test_network_smaller_than_its_types_allow_is_refused(overlay, key):
    config = validated(overlay)
    with pytest.raises(UserError, match=key):
        check_sizes(config, n_types=17)
    check_sizes(config, n_types=5)


def test_order_of_keys_and_whole_numbers_make_no_difference():
    one = {"task": {"phi_min": 0, "phi_max": 1}}
    other = {"task": {"phi_max": 1.0, "phi_min": 0.0}}
    assert repr(validated(one)) == repr(validated(other))


def test_demo_compares_random_rules_at_equal_evaluations():
    rounds = DEFAULT["families"]["rounds"]
    evaluations = sum(n * g * (samples + 1) for n, g, samples in rounds)
    assert DEFAULT["baselines"]["random_rules"] == evaluations
