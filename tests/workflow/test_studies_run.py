"""Every study runs from its config to its table and figure, at the size of smoke."""

import pytest
from checkout import Checkout

from evoplast.artefacts.parquet import read_table, read_table_provenance

TABLES = {
    "search_benchmark": ("search_benchmark/summary", "search_benchmark/ablation"),
    "information": ("search_studies/information",),
    "rule_spread": ("search_studies/rule_spread",),
    "sequence_noise": ("search_studies/sequence_noise",),
    "racing_study": ("racing_study",),
}
SLOW_TABLES = {
    "generalisation": ("search_studies/generalisation",),
    "selection_bias": ("search_studies/selection_bias",),
    "initialisation": ("search_studies/initialisation",),
    "search_proof": (
        "search_proof/comparison",
        "search_proof/rules",
        "search_proof/outcomes",
        "search_proof/complexity_front",
        "search_proof/wasserstein_front",
        "search_proof/recurrence",
        "search_proof/order",
    ),
}


def _run(folder, tables):
    """Make the targets and look into their tables."""
    Checkout(folder).snakemake(
        *("--cores", "2", *tables, "--configfile", "config/smoke.yaml")
    )
    results = folder / "results/smoke"
    for name in sum(tables.values(), ()):
        path = results / f"{name}.parquet"
        assert len(read_table(path)) > 0, name
        assert read_table_provenance(path)["settings"]["seed"] == 1, name
    drawn = {path.stem for path in (results / "figures").glob("*.png")}
    assert drawn >= {target for target in tables if target != "racing_study"}


def test_studies_run(tmp_path):
    _run(tmp_path, TABLES)


@pytest.mark.slow
def test_studies_of_whole_searches_run(tmp_path):
    _run(tmp_path, SLOW_TABLES)
