"""Bad configs, a table of them: each is refused by one sentence that says why."""

from pathlib import Path

import pytest
import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.check import checked_files, main
from evoplast.configuration.config import validated
from evoplast.configuration.defaults import default_config
from evoplast.configuration.files import check_places
from evoplast.configuration.mistakes import first_mistake
from evoplast.configuration.schema import schema_of
from evoplast.configuration.tree import Config

TABLE = yaml.safe_load(Path(__file__).with_name("bad_configs.yaml").read_text("utf-8"))
CASES = [(kind, text, says) for kind, rows in TABLE.items() for text, says in rows]


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def sentence(path):
    with pytest.raises(UserError) as caught:
        checked_files([path])
    return str(caught.value)


def test_the_table_is_long():
    assert len(CASES) >= 150
    assert len({text for _, text, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("kind", "text", "says"), CASES)
def test_a_bad_config_is_refused_in_one_sentence(written, kind, text, says):
    said = sentence(written(text))
    assert says in said
    assert "\n" not in said and len(said) < 1000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfer\x00u\x00n\x00", "is not text in UTF-8 (byte 0)"),
        ("run: été".encode("latin-1"), "is not text in UTF-8 (byte 5)"),
        (b"run: a\x00b", "is no YAML"),
        (b"search: " + b"[" * 20000, "is nested too deeply"),
        (b'{"search": ' + b"[" * 200000, "is nested too deeply"),
        (b"run: " + b"a" * 300, "run is 'aaa"),
        (b"cross_scale: {sizes: [" + b"150," * 5000 + b"]}", "of different values"),
    ],
)
def test_a_file_that_is_no_text_or_no_end_is_refused(written, content, says):
    said = sentence(written(content))
    assert says in said and "\n" not in said and len(said) < 1000


def test_a_bomb_of_aliases_is_refused_in_no_time(written):
    lines = ["a0: &a0 [1, 1]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 30)]
    assert "unfolds to more than 100000 values" in sentence(written("\n".join(lines)))


def test_a_folder_and_a_missing_file_are_named(written, tmp_path):
    assert "is a folder" in sentence(tmp_path)
    assert "cannot be read (No such file" in sentence(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", ["results/mine/network", "logs/mine/a/b"])
def test_a_file_where_a_folder_of_the_run_belongs_is_named(written, name):
    Path(name).parent.mkdir(parents=True)
    written("", name)
    with pytest.raises(UserError, match=f"{name} is a file"):
        check_places({"run": "mine", "stimuli": {"image_folder": ""}})


def test_files_of_a_run_are_in_nobodys_way(written):
    for name in ("results/mine/a.nc", "results/mine/.snakemake_timestamp"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        written("", name)
    check_places({"run": "mine", "stimuli": {"image_folder": ""}})


@pytest.mark.parametrize("name", ["results", "logs", "benchmarks"])
def test_a_file_where_a_folder_belongs_is_named(written, name):
    written("", name)
    with pytest.raises(UserError, match=f"{name} is a file"):
        check_places({"run": "mine", "stimuli": {"image_folder": ""}})


@pytest.mark.parametrize(
    "text", ["run: mine # comment", 'run: "mine"', "run: 'mine'", '{"run": "mine"}']
)
def test_the_name_of_the_run_is_read_however_it_is_written(written, capsys, text):
    main([str(written(text))])
    assert capsys.readouterr().out == "mine\n"


@pytest.mark.parametrize(("there", "refused"), [(3, True), (4, False)])
def test_too_few_photographs_are_counted_before_anything_runs(tmp_path, there, refused):
    for number in range(there):
        (tmp_path / f"{number}.PNG").touch()
    (tmp_path / "notes.txt").touch()
    own = {"image_folder": str(tmp_path), "n_training_images": 2, "n_test_images": 2}
    config = {"run": "mine", "stimuli": default_config()["stimuli"] | own}
    if refused:
        with pytest.raises(UserError, match=r"holds 3 images .* need 4"):
            check_places(config)
    else:
        check_places(config)


def keys_of(spec, path=()):
    """Yield every key below a section's schema, with the schema of its value."""
    if "properties" not in spec:
        yield path, spec
    for name, inner in spec.get("properties", {}).items():
        yield from keys_of(inner, (*path, name))


def in_sections(path, inner, of=lambda name, inner: {name: inner}):
    for name in reversed(path):
        inner = of(name, inner)
    return inner


# What is no value of any key: not finite, beyond all ranges, not one line of text.
NO_VALUES = (float("nan"), float("inf"), -float("inf"), -1e-9, 1e30, 10**30, -(10**9))
NO_VALUES += ("all\n", "5\n", "a\0b", "\x1b[2J", b"a", [None], [float("nan")], ["\n"])
NO_VALUES += ([[float("nan"), 1]], [[]], {"no such key": float("nan")}, [1e30])


def test_no_key_at_all_takes_what_is_no_value():
    keys = list(keys_of(schema_of(Config)))
    assert len(keys) > 300
    taken = []
    for path, spec in keys:
        schema = in_sections(path, spec, lambda n, s: {"properties": {n: s}})
        for value in NO_VALUES:
            said = first_mistake(in_sections(path, value), schema)
            taken += [(path, value)] if said is None else []
            assert said is None or (".".join(path) in said and "\n" not in said)
    assert taken == []


def test_files_are_laid_over_each_other_in_order(written):
    first = written("run: one\nsearch: {population: 24, seeds: 2}", "first.yaml")
    second = written("run: two\nsearch: {population: 26}", "second.yaml")
    config = checked_files([first, second])
    assert (config["run"], config["search"]["population"]) == ("two", 26)
    assert config["search"]["seeds"] == 2


def test_whole_numbers_written_as_floats_are_the_same_config():
    as_floats = {
        "seed": 1.0,
        "simulation": {"lanes": 16.0},
        "cross_scale": {"sizes": [150.0, 250], "instances": [1, 1.0]},
        "calibration": {"windows_ms": [[50.0, 150.0]]},
        "plasticity": {"bound_factor": 4},
    }
    as_meant = {
        "seed": 1,
        "simulation": {"lanes": 16},
        "cross_scale": {"sizes": [150, 250], "instances": [1, 1]},
        "calibration": {"windows_ms": [[50, 150]]},
        "plasticity": {"bound_factor": 4.0},
    }
    assert repr(validated(as_floats)) == repr(validated(as_meant))
