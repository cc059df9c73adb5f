"""The files of a run, opened for the atlas, the report and the champion.

In: paths, as the workflow gives them. Out: the page, the findings, the rules.
"""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import read_dataset
from evoplast.artefacts.parquet import read_table, read_table_provenance
from evoplast.atlas.behaviour import behaviour_of, read_behaviour
from evoplast.atlas.catalogue import Catalogue, RuleFiles, read_catalogue
from evoplast.atlas.details import rule_details
from evoplast.atlas.findings import Ceiling, Findings, ceiling_of, findings
from evoplast.atlas.page import RunFacts, atlas_page

_LIMITS = {
    "max_rate_hz": "max_rate_hz",
    "synchrony": "max_synchrony",
    "wasserstein_hz": "max_wasserstein_hz",
}
"""The key of ``pareto`` that limits an objective."""


def rules_of_run(files: SimpleNamespace) -> Catalogue:
    """Return all rules of a run.

    ``files`` has lists of a table, cells and genomes: ``evolved``, ``random`` and
    ``known``, which holds the user's own rules, too.

    Raises:
        UserError: a file is missing or broken.
    """
    kinds = (files.evolved, files.random, files.known)
    return read_catalogue([RuleFiles(*map(Path, kind)) for kind in kinds])


def findings_of_run(files: SimpleNamespace) -> tuple[Catalogue, Findings, Ceiling]:
    """Return rules, findings and ceiling.

    ``files`` as of ``rules_of_run``, with ``comparison`` and ``ceiling``.

    Raises:
        UserError: a file is missing or broken.
    """
    catalogue = rules_of_run(files)
    ceiling = ceiling_of(read_table(files.ceiling))
    return (
        catalogue,
        findings(catalogue, read_table(files.comparison), ceiling),
        ceiling,
    )


def atlas_of_run(files: SimpleNamespace, settings: Mapping) -> str:
    """Return the atlas of a run as HTML.

    ``files`` has ``horizon`` besides and, for rates and weights by cell type, the
    ``chosen`` rules of the analyses, ``firing`` and ``weights``.
    ``settings``: ``run``, and the keys of ``search``, ``network`` and
    ``long_horizon``.

    Raises:
        UserError: a file is missing or broken, or does not say how it was made.
    """
    catalogue, found, ceiling = findings_of_run(files)
    made_with = _settings(files.evolved[0])
    horizon = read_dataset(files.horizon)
    names = ("chosen", "firing", "weights")
    paths = [path for name in names if (path := getattr(files, name, None))]
    tables = read_behaviour(paths) if len(paths) == len(names) else None
    details = {
        entry.key: rule_details(
            catalogue,
            entry,
            made_with["plasticity"],
            horizon,
            settings["network"],
        )
        | {"behaviour": behaviour_of(tables, entry, catalogue.type_names)}
        for entry in catalogue.entries
    }
    facts = RunFacts(
        run=str(settings["run"]),
        limits={
            name: float(limit)
            for name, key in _LIMITS.items()
            if (limit := made_with["pareto"].get(key)) is not None
        },
        prior=settings["search"]["coefficient_prior"],
        algorithm=settings["search"]["algorithm"],
        notes=_notes(settings, tables is not None),
    )
    return atlas_page(catalogue, found, ceiling, details, facts)


def _settings(path: str) -> Mapping:
    made_with = read_table_provenance(path).get("settings", {})
    missing = [name for name in ("plasticity", "pareto") if name not in made_with]
    if missing:
        raise UserError(
            f"{path} does not say with which settings of {missing[0]!r} it was made; "
            "make it again with this version."
        )
    return made_with


def _notes(settings: Mapping, analysed: bool) -> dict[str, str]:
    """Return what to do for that which no artefact has."""
    n, run = settings["long_horizon"]["rules"], settings["run"]
    return {
        "curve": (
            f"Not followed: the run follows the {n} best rules of the front "
            f"(long_horizon.rules). A larger number there, and snakemake --cores 2 "
            f"results/{run}/analysis/long_horizon.nc, follow more."
        ),
        "behaviour": (
            "By cell type they are measured for the rules that all analyses show, of "
            "which this is none."
            if analysed
            else "By cell type they are in no file that this page is made from. "
            f"snakemake --cores 2 analyses writes results/{run}/analysis/atlas.html, "
            "which has them for the rules that all analyses show."
        ),
        "nest": (
            "NEST: there is no code to copy. NEST's own plastic synapses know neither "
            "coefficients by pair of types nor the reward trace; a rule needs a model "
            "of a synapse of its own there. The network without plasticity and a few "
            "trials go to NEST by snakemake export_nest, the network alone as SONATA "
            "by snakemake export_sonata."
        ),
    }
