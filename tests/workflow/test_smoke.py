"""The whole workflow, really computed at the smallest scale, and its mishaps."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from checkout import ROOT

from evoplast.artefacts.netcdf import read_dataset, read_provenance
from evoplast.artefacts.parquet import read_table, read_table_provenance

CONFIG = ROOT / "config/smoke.yaml"
NETCDF = (
    "network/network.nc",
    "network/network_1.nc",
    "network/network_100.nc",
    "stimuli/gratings.nc",
    "stimuli/natural.nc",
    "calibration/calibration.nc",
    "search/seed0/round_000_000.nc",
    "search/seed0/round_001_000.nc",
    "pareto/parameters.nc",
    "analysis/long_horizon.nc",
)
TABLES = (
    "calibration/mouse_run.parquet",
    "calibration/tuning_run.parquet",
    "calibration/scan_run.parquet",
    "calibration/scan_rates_run.parquet",
    "calibration/scan_differences_run.parquet",
    "baselines/random_rules.parquet",
    "baselines/known_rules.parquet",
    "search/seed0/families.parquet",
    "pareto/rules.parquet",
    "pareto/cells.parquet",
    "analysis/comparison.parquet",
    "analysis/rule_frequency.parquet",
    "analysis/cross_scale.parquet",
    "gradient/adam.parquet",
    "gradient/sgd.parquet",
)


def snakemake(folder, *arguments, config=CONFIG, cores=2):
    """Run the workflow of this checkout with its results below ``folder``."""
    command = [sys.executable, "-m", "snakemake", *arguments, "--cores", str(cores)]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(config)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=1200
    )


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The folder of a finished smoke run."""
    folder = tmp_path_factory.mktemp("smoke")
    done = snakemake(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def copy(smoke, tmp_path):
    """A copy of the finished run, for a test to damage."""
    shutil.copytree(smoke, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("name", NETCDF)
def test_netcdf_artefact_opens_and_says_what_made_it(smoke, name):
    path = smoke / "results/smoke" / name
    assert read_dataset(path).sizes
    assert read_provenance(path)["settings"]["seed"] == 1


@pytest.mark.parametrize("name", TABLES)
def test_table_artefact_has_rows_and_says_what_made_it(smoke, name):
    path = smoke / "results/smoke" / name
    assert len(read_table(path)) > 0
    assert read_table_provenance(path)["settings"]["seed"] == 1


def test_network_has_the_number_of_cells_that_was_asked_for(smoke):
    for name, size in (("network", 60), ("network_100", 60), ("scale_50_100", 50)):
        dataset = read_dataset(smoke / f"results/smoke/network/{name}.nc")
        assert dataset.sizes["neuron"] == size


def test_every_family_has_a_row_per_generation_of_its_rounds(smoke):
    history = read_table(smoke / "results/smoke/search/seed0/families.parquet")
    rounds = yaml.safe_load(CONFIG.read_text())["families"]["rounds"]
    first = 0
    for number, (families, generations, _) in enumerate(rounds):
        part = history[history["round"] == number]
        assert part["family"].nunique() == families
        assert set(part["generation"]) == set(range(first, first + generations))
        assert len(part) == families * generations
        first += generations


def test_the_front_has_rules_of_different_formulas_and_says_whose_children(smoke):
    rules = read_table(smoke / "results/smoke/pareto/rules.parquet")
    families = read_table(smoke / "results/smoke/search/seed0/families.parquet")
    assert rules["formula"].is_unique and rules["champion"].sum() == 1
    formula = families.drop_duplicates("family").set_index("family")["formula"]
    assert (rules["formula"] == rules["family"].map(formula)).all()
    assert (rules["n_terms"] == rules["formula"].str.count(r" \+ ") + 1).all()


def test_the_swarm_runs_in_place_of_families(copy):
    config = yaml.safe_load(CONFIG.read_text())
    config["search"] |= {"algorithm": "swarm"}
    changed = copy / "swarm.yaml"
    changed.write_text(yaml.safe_dump(config))
    target = "results/smoke/search/seed0/history.parquet"
    done = snakemake(copy, target, config=changed)
    assert done.returncode == 0, done.stdout + done.stderr
    history = read_table(copy / target)
    assert history["generation"].tolist() == [0, 1]
    assert np.all(np.diff(history["evaluations"]) > 0)


def test_accuracies_are_fractions(smoke):
    rules = read_table(smoke / "results/smoke/baselines/random_rules.parquet")
    accuracy = rules["screening_cross_accuracy"]
    assert accuracy.between(0, 1).all()
    assert accuracy.nunique() > 1


def test_every_figure_is_drawn_in_both_formats(smoke):
    drawn = {path.name for path in (smoke / "results/smoke/figures").iterdir()}
    stems = {name.partition(".")[0] for name in drawn}
    assert len(stems) == 11
    assert drawn == {
        f"{stem}.{end}" for stem in stems for end in ("pdf", "png", "html")
    }


def test_second_run_has_nothing_to_do(smoke):
    done = snakemake(smoke, "--dry-run")
    assert "Nothing to be done" in done.stdout + done.stderr


THREADED = ("build_search_networks", "make_stimuli", "family_round", "collect_families")


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (3, 3)])
def test_cores_and_threads_do_not_change_a_byte(smoke, tmp_path, cores, threads):
    target = "results/smoke/search/seed0/families.parquet"
    each = [f"{rule}={threads}" for rule in THREADED]
    done = snakemake(tmp_path, target, "--set-threads", *each, cores=cores)
    assert done.returncode == 0, done.stderr
    made = [p for p in (tmp_path / "results").rglob("*") if p.suffix == ".nc"]
    # A network for the stimuli, two sets of these, three networks of generations, two
    # rounds.
    assert len(made) == 8
    for path in made:
        expected = smoke / path.relative_to(tmp_path)
        assert path.read_bytes() == expected.read_bytes(), path.name
    ours, theirs = (read_table(folder / target) for folder in (tmp_path, smoke))
    pd.testing.assert_frame_equal(ours, theirs)


def test_the_analyses_run_and_draw_their_figures(copy):
    done = snakemake(copy, "analyses")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = copy / "results/smoke/analysis"
    for path in folder.rglob("*.parquet"):
        assert len(read_table(path)) > 0, path.name
        assert read_table_provenance(path)["settings"]["seed"] == 1, path.name
    chosen = read_table(folder / "representatives.parquet")
    assert {"best", "known", "random", "none"} <= set(chosen["label"])
    drawn = {path.stem for path in (copy / "results/smoke/figures").glob("*.png")}
    named = {"representative_rules", "few_shot", "ablations", "recurrence"}
    assert named | {"sample_efficiency"} <= drawn
    assert {"working_memory", "firing", "weights", "dynamics"} <= drawn
    again = snakemake(copy, "analyses", "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_report_is_written_and_leaves_nothing_to_do(copy):
    report = copy / "results/smoke/report.html"
    done = snakemake(copy, "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert "Pareto" in report.read_text(encoding="utf-8")
    again = snakemake(copy, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_truncated_file_of_an_earlier_run_is_named_in_one_sentence(copy):
    state = copy / "results/smoke/search/seed0/round_001_000.nc"
    state.write_bytes(state.read_bytes()[:1000])
    (copy / "results/smoke/search/seed0/families.parquet").unlink()
    target = "results/smoke/search/seed0/families.parquet"
    failed = snakemake(copy, target, "--rerun-triggers", "mtime")
    assert failed.returncode != 0
    assert "round_001_000.nc is not a readable NetCDF file" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_families_made_with_other_settings_are_not_continued(copy):
    config = yaml.safe_load(CONFIG.read_text())
    config["families"]["rounds"].append([2, 1, 2])
    config["families"]["sigma"] = 0.25
    changed = copy / "changed.yaml"
    changed.write_text(yaml.safe_dump(config))
    target = "results/smoke/search/seed0/round_002_000.nc"
    arguments = (target, "--rerun-triggers", "mtime")
    failed = snakemake(copy, *arguments, config=changed)
    assert failed.returncode != 0
    assert "families.sigma = 0.3, and this run has 0.25" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (copy / target).exists()


def test_empty_image_folder_is_named_in_one_sentence(copy):
    (copy / "photographs").mkdir()
    config = yaml.safe_load(CONFIG.read_text())
    config["stimuli"]["image_folder"] = "photographs"
    changed = copy / "changed.yaml"
    changed.write_text(yaml.safe_dump(config))
    target = "results/smoke/stimuli/natural.nc"
    failed = snakemake(copy, target, config=changed)
    assert failed.returncode != 0
    assert "photographs" in failed.stderr
    assert "Traceback" not in failed.stderr
