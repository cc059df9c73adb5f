"""The report's first page and its page of settings.

In: what was found, the settings of the run, what computed it. Out: reStructuredText,
which Snakemake sets, and HTML. Both say nothing that is not in the files.
"""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

import yaml

from evoplast.atlas.catalogue import Catalogue
from evoplast.atlas.findings import Findings, Line, columns, counted, number

_SPECIAL = re.compile(r"([\\*`|_<>{}\[\]])")

_SETTINGS_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Settings of {run}</title>
<style>body {{ margin: 1rem auto; max-width: 900px; padding: 0 1rem;
font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; }}
pre {{ background: #f6f7f9; padding: 1rem; overflow-x: auto; }}</style></head>
<body><h1>Settings of run {run}</h1>
<h2>What computed it</h2><pre>{versions}</pre>
<h2>The whole configuration</h2>
<p>As a file, given with <code>--configfile</code>, it computes the same.</p>
<pre>{config}</pre></body></html>
"""


def first_page(
    catalogue: Catalogue, found: Findings, config: Mapping, made_with: Mapping
) -> str:
    """Return the first page: title, four sentences, one table, how it was made.

    ``made_with`` is the provenance of the front. Snakemake fills templates into the
    text before it is set; ``raw`` keeps names from being taken for one.
    """
    title = f"Plasticity rules for a V1 network, run {plain(str(config['run']))}"
    lines = [
        "{% raw %}",
        title,
        "=" * len(title),
        "",
        *_style(),
        " ".join(map(plain, found.sentences)),
        "",
        *_table(catalogue, found),
        "",
        plain(_how(config, made_with)),
        "",
        "The *rule atlas* and every figure with its caption stand under *Results*, the "
        "whole configuration under *Settings*. What Snakemake lists as software of a "
        "rule is its file for conda, which is used with ``--sdm conda`` only.",
        "{% endraw %}",
    ]
    return "\n".join(lines) + "\n"


def _style() -> list[str]:
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    lines = ["<style>", *style.splitlines(), "</style>"]
    return [".. raw:: html", "", *(f"   {line}" for line in lines), ""]


def plain(text: str) -> str:
    """Return ``text`` such that reStructuredText shows it as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def _table(catalogue: Catalogue, found: Findings) -> list[str]:
    shown = columns(catalogue)
    head = ["rule", "terms", *shown.values()]
    rows = [head, *(_cells(line, list(shown)) for line in found.lines)]
    title = f"Means ± standard errors over networks: {found.measured_on}."
    lines = [f".. list-table:: {plain(title)}", "   :header-rows: 1", ""]
    for row in rows:
        lines += [
            f"   {'*' if k == 0 else ' '} - {plain(str(cell))}"
            for k, cell in enumerate(row)
        ]
    return lines


def _cells(line: Line, names: list[str]) -> list[str]:
    values = [line.values.get(name, (float("nan"),) * 2) for name in names]
    texts = [number(v, name) for v, name in zip(values, names, strict=True)]
    return [line.label, str(line.n_terms) or "–", *texts]


def _how(config: Mapping, made_with: Mapping) -> str:
    network, search = config["network"], config["search"]
    kind = "swarm" if search["algorithm"] == "swarm" else "family"
    n = search["seeds"]
    versions = made_with.get("versions", {})
    names = [name for name in ("python", "jax", "numpy") if name in versions]
    used = ", ".join(f"{name} {versions[name]}" for name in names)
    return (
        f"A network of {network['n_neurons']} neurons of mouse primary visual cortex "
        f"learned to detect changes of its input. {n} {kind} "
        f"search{'es' if n > 1 else ''} ended with the rules that were measured again: "
        f"chosen on {counted(network['training_instances'], 'network')}, reported on "
        f"{counted(network['heldout_instances'], 'other')}. Figures of calibration and "
        f"search show the networks of the choice and of the search. Computed with "
        f"{used}; revision {str(made_with.get('evoplast_revision', 'unknown'))[:12]}."
    )


def settings_page(config: Mapping, made_with: Mapping) -> str:
    """Return the whole configuration and the versions that made the front, as HTML."""
    record = {"evoplast revision": made_with.get("evoplast_revision", "unknown")}
    record |= made_with.get("versions", {})
    texts = (
        yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True)
        for value in (record, config)
    )
    versions, text = map(escape, texts)
    run = escape(str(config["run"]))
    return _SETTINGS_PAGE.format(run=run, versions=versions, config=text)
