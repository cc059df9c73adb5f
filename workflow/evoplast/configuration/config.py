"""The config tree: defaults filled, every mistake one sentence naming the key.

In: the config as YAML gave it and the JSON schema. Out: a complete, checked copy.
Nothing here knows what a key means beyond the schema and the rules between keys.
"""

import copy
import difflib
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from evoplast.artefacts.errors import UserError


def read_schema(path: str | Path) -> dict:
    """Return the JSON schema stored as YAML in ``path``."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def validated(config: dict, schema: dict) -> dict:
    """Return a copy of ``config`` with defaults filled, or say what is wrong.

    Raises:
        UserError: a key is unknown, of the wrong type or outside its range, or two
            keys contradict each other.
    """
    complete = _filled(config, schema)
    errors = Draft202012Validator(schema).iter_errors(complete)
    first = min(
        errors, key=lambda error: list(map(str, error.absolute_path)), default=None
    )
    if first is not None:
        raise UserError(_sentence(first))
    for check in _CHECKS:
        check(complete)
    return complete


def check_sizes(config: dict, n_types: int) -> None:
    """Raise UserError if a network is too small for ``n_types`` cell types."""
    fewest = n_types * config["network"]["min_cells_per_type"]
    sizes = {"network.n_neurons": config["network"]["n_neurons"]}
    for section in ("cross_scale", "search_studies"):
        sizes |= {f"{section}.sizes": min(config[section]["sizes"])}
    for section in ("calibration_scan", "mouse_likeness", "ceiling"):
        smallest = min(row[0] for row in config[section]["networks"])
        sizes |= {f"{section}.networks": smallest}
    for key, size in sizes.items():
        if size < fewest:
            raise UserError(
                f"{key} is {size}, but {n_types} cell types with at least "
                f"{config['network']['min_cells_per_type']} neurons each "
                f"(network.min_cells_per_type) need {fewest} or more."
            )


def table_of_keys(schema: dict) -> str:
    """Return the Markdown table of all keys, one row each, for config/README.md."""
    rows = [
        "| key | default | allowed | unit | source | what it is |",
        "|" + "---|" * 6,
    ]
    rows += [_row(name, spec) for name, spec in leaves(schema)]
    return "\n".join(rows) + "\n"


def leaves(schema: dict, prefix: str = "") -> list[tuple[str, dict]]:
    """Return (dotted name, specification) of every key that holds a value."""
    found = []
    for name, spec in schema["properties"].items():
        dotted = f"{prefix}{name}"
        inner = spec["type"] == "object" if "type" in spec else False
        found += leaves(spec, f"{dotted}.") if inner else [(dotted, spec)]
    return found


def _filled(config: object, schema: dict) -> object:
    # Keys come in the order of the schema and numbers as floats, so that the same
    # config written in another way is the same text in a rule's params.
    if schema.get("type") == "number" and type(config) is int:
        return float(config)
    if schema.get("type") != "object" or not isinstance(config, dict):
        return copy.deepcopy(config)
    complete = {
        name: _filled(config.get(name, _default(spec)), spec)
        for name, spec in schema["properties"].items()
    }
    unknown = {name: value for name, value in config.items() if name not in complete}
    return complete | unknown


def _default(spec: dict) -> object:
    return {} if spec.get("type") == "object" else spec.get("default")


def _sentence(error: ValidationError) -> str:
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_key(error, key)
    shown = "a section" if isinstance(error.instance, dict) else repr(error.instance)
    return f"{key} is {shown}, but must be {_allowed(error.schema)}{_hint(error)}."


def _unknown_key(error: ValidationError, section: str) -> str:
    known = list(error.schema["properties"])
    name = next(str(key) for key in error.instance if key not in known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}."
    where = f"in the section {section}" if section else "at the top level of the config"
    return f"{name} is an unknown key {where}; {advice}"


def _hint(error: ValidationError) -> str:
    # YAML 1.1 reads 3e-3 as text: it wants a dot and a sign in the exponent.
    if error.validator not in {"type", "oneOf"} or not isinstance(error.instance, str):
        return ""
    try:
        number = float(error.instance)
    except ValueError:
        return ""
    return f" (this is text; in a config file write {number:.12g} without quotes)"


def _allowed(spec: dict) -> str:
    if "oneOf" in spec:
        return " or ".join(_allowed(option) for option in spec["oneOf"])
    if "enum" in spec:
        shown = ("null" if value is None else str(value) for value in spec["enum"])
        return " or ".join(shown)
    if spec["type"] == "array":
        return f"{_length(spec)}, each {_allowed(spec['items'])}"
    words = {"object": "a section of keys", "boolean": "true or false"}
    words |= {"integer": "a whole number", "number": "a number", "string": "text"}
    return words[spec["type"]] + _range(spec)


def _length(spec: dict) -> str:
    different = " of different values" if spec.get("uniqueItems") else ""
    if "maxItems" in spec:
        return f"a list of {spec['maxItems']}{different}"
    return f"a list{different}"


def _range(spec: dict) -> str:
    parts = []
    if "pattern" in spec:
        parts.append("of letters, digits, - and _")
    if spec.get("multipleOf") == 2:
        parts.append("that is even")
    if "exclusiveMinimum" in spec:
        parts.append(f"above {spec['exclusiveMinimum']}")
    if "minimum" in spec:
        parts.append(f"from {spec['minimum']}")
    if "maximum" in spec:
        parts.append(f"up to {spec['maximum']}")
    return "".join(f" {part}" for part in parts)


def _row(name: str, spec: dict) -> str:
    cells = [f"`{name}`", f"`{_yaml(spec['default'])}`", _allowed(spec)]
    cells += [spec["unit"], spec["source"], spec["description"]]
    return "| " + " | ".join(cells) + " |"


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True).strip().removesuffix("\n...")


def _check_window(config: dict) -> None:
    task = config["task"]
    start, end = task["window_start_ms"], task["window_end_ms"]
    trial = task["grey_before_ms"] + task["image_ms"] + task["grey_after_ms"]
    if not start < end <= trial:
        raise UserError(
            f"task.window_end_ms is {end}, but must be above task.window_start_ms "
            f"({start}) and at most the trial's {trial} ms."
        )


def _check_order(config: dict) -> None:
    for section, low, high in _ORDERED:
        smaller, larger = config[section][low], config[section][high]
        if not smaller < larger:
            raise UserError(
                f"{section}.{high} is {larger}, but must be above {section}.{low} "
                f"({smaller})."
            )


def _check_instances(config: dict) -> None:
    used = config["search"]["instances_per_generation"]
    built = config["network"]["training_instances"]
    if used > built:
        raise UserError(
            f"search.instances_per_generation is {used}, but only {built} networks "
            "are built for training (network.training_instances)."
        )


def _check_looks(config: dict) -> None:
    study = config["search_studies"]
    looks, last = study["looks"], study["generations"]
    if looks != sorted(looks) or looks[-1] != last:
        raise UserError(
            f"search_studies.looks is {looks}, but must ascend to "
            f"search_studies.generations ({last})."
        )


def _check_relative_threshold(config: dict) -> None:
    task = config["task"]
    if task["threshold"] == "relative" and task["phi_max"] > 1:
        raise UserError(
            f"task.phi_max is {task['phi_max']}, but a relative threshold goes up to "
            "1; set task.threshold to absolute for a threshold in Hz."
        )


def _check_balance(config: dict) -> None:
    task, made = config["task"], config["stimuli"]
    needed = {
        "balanced_stimuli": ("training", "test"),
        "balanced_training_stimuli": ("training",),
    }
    for key, splits in needed.items():
        names = [f"n_{split}_{kind}" for split in splits for kind in _KINDS]
        fewest = min(names, key=made.get)
        if task[key] == 1 or task[key] > made[fewest]:
            raise UserError(
                f"task.{key} is {task[key]}, but a balanced sequence has from 2 up to "
                f"as many stimuli as there are (stimuli.{fewest} is {made[fewest]}); "
                "0 means random order."
            )
        if task[key] and task["change_probability"] != 0.5:
            raise UserError(
                f"task.change_probability is {task['change_probability']}, but a "
                "balanced sequence has as many changes as repeats; set it to 0.5, or "
                f"task.{key} to 0."
            )


def _check_circuit(config: dict) -> None:
    network = config["network"]
    if network["source"] == "sonata" and not network["sonata"]["circuit_config"]:
        raise UserError(
            "network.source is sonata, but network.sonata.circuit_config is empty; "
            "name the JSON of a circuit there."
        )


_ORDERED = (
    ("task", "phi_min", "phi_max"),
    ("stimuli", "orientation_min_deg", "orientation_max_deg"),
)
_KINDS = ("images", "gratings")
_CHECKS = (_check_window, _check_order, _check_instances)
_CHECKS += (_check_relative_threshold, _check_circuit, _check_looks, _check_balance)


def write_table_of_keys(schema_path: str | Path, readme_path: str | Path) -> None:
    """Replace the table of keys at the end of ``readme_path`` by the schema's."""
    readme = Path(readme_path)
    table = table_of_keys(read_schema(schema_path))
    before = readme.read_text(encoding="utf-8").split(table.partition("\n")[0])[0]
    readme.write_text(before + table, encoding="utf-8")


if __name__ == "__main__":
    write_table_of_keys(*sys.argv[1:])
