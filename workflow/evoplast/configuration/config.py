"""The config tree: defaults filled, every mistake one sentence naming the key.

In: the config as YAML gave it. Out: a complete, checked copy. Nothing here knows what
a key means beyond its declaration and the rules between sections; the rules within a
section stand in its class.
"""

import copy
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from evoplast.artefacts.errors import UserError
from evoplast.configuration.defaults import default_config
from evoplast.configuration.mistakes import allowed, first_mistake
from evoplast.configuration.schema import schema_of
from evoplast.configuration.section import built
from evoplast.configuration.tree import Config


def validated(config: Mapping) -> dict:
    """Return a copy of ``config`` with defaults filled, or say what is wrong.

    Keys come in the order of their declaration. Numbers are floats where a key holds
    a float and whole where it holds a whole number, if that is exact: the same config
    written in another way is the same text in a rule's params.

    Raises:
        UserError: a key is unknown, of the wrong type or outside its range, or two
            keys contradict each other.
    """
    schema = schema_of(Config)
    complete = _filled(config, schema, default_config())
    mistake = first_mistake(complete, schema)
    if mistake is not None:
        raise UserError(mistake)
    built(Config, complete)
    for check in _CHECKS:
        check(complete)
    return complete


def check_sizes(config: dict, n_types: int) -> None:
    """Raise UserError if a network is too small for ``n_types`` cell types."""
    fewest = n_types * config["network"]["min_cells_per_type"]
    sizes = {"network.n_neurons": config["network"]["n_neurons"]}
    for section in ("cross_scale", "search_studies"):
        sizes |= {f"{section}.sizes": min(config[section]["sizes"])}
    for section in ("calibration_scan", "mouse_likeness"):
        smallest = min(row[0] for row in config[section]["networks"])
        sizes |= {f"{section}.networks": smallest}
    for key, size in sizes.items():
        if size < fewest:
            raise UserError(
                f"{key} is {size}, but {n_types} cell types with at least "
                f"{config['network']['min_cells_per_type']} neurons each "
                f"(network.min_cells_per_type) need {fewest} or more."
            )


def table_of_keys() -> str:
    """Return the Markdown table of all keys, one row each, for config/README.md."""
    rows = [
        "| key | default | allowed | unit | source | what it is |",
        "|" + "---|" * 6,
    ]
    rows += [
        _row(name, spec, default)
        for name, spec, default in leaves(schema_of(Config), default_config())
    ]
    return "\n".join(rows) + "\n"


def leaves(schema: dict, values: Mapping, prefix: str = "") -> list[tuple]:
    """Return (dotted name, specification, value) of every key that holds a value."""
    found = []
    for name, spec in schema["properties"].items():
        dotted, value = f"{prefix}{name}", values[name]
        if "properties" in spec:
            found += leaves(spec, value, f"{dotted}.")
        else:
            found.append((dotted, spec, value))
    return found


def _filled(value: object, spec: dict, default: object) -> object:
    if "properties" not in spec or not isinstance(value, Mapping):
        return _exact(copy.deepcopy(value), spec)
    complete = {
        name: _filled(value.get(name, default[name]), inner, default[name])
        for name, inner in spec["properties"].items()
    }
    unknown = {name: inner for name, inner in value.items() if name not in complete}
    return complete | unknown


def _exact(value: object, spec: dict) -> object:
    if isinstance(value, list) and spec.get("type") == "array":
        return [_exact(item, spec["items"]) for item in value]
    kinds = {option.get("type") for option in spec.get("oneOf", [spec])}
    if type(value) is int and "number" in kinds:
        return float(value)
    if type(value) is float and "integer" in kinds and value.is_integer():
        return int(value)
    return value


def _row(name: str, spec: dict, default: object) -> str:
    cells = [f"`{name}`", f"`{_yaml(default)}`", allowed(spec)]
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
_CHECKS = (_check_window, _check_order, _check_instances)
_CHECKS += (_check_relative_threshold, _check_circuit, _check_looks)


def write_table_of_keys(readme_path: str | Path) -> None:
    """Replace the table of keys at the end of ``readme_path``."""
    readme, table = Path(readme_path), table_of_keys()
    before = readme.read_text(encoding="utf-8").split(table.partition("\n")[0])[0]
    readme.write_text(before + table, encoding="utf-8")


if __name__ == "__main__":
    write_table_of_keys(*sys.argv[1:])
