"""What Snakemake plans: for the shipped configs, and after changes.

The jobs themselves are replaced by ones that only create their files, so that the
plan is tested without a simulation; ``test_smoke.py`` runs the real ones.
"""

import ast
import shutil

import pytest
import yaml
from checkout import ROOT, Checkout

PER_RUN = {
    "all": 1,
    "make_stimuli": 2,
    "calibrate": 1,
    "gather_mouse_likeness": 1,
    "gather_calibration_scan": 1,
    "gather_ceiling": 1,
    "compare_calibration_scan": 1,
    "score_random_rules": 1,
    "score_known_rules": 1,
    "reevaluate_pareto": 1,
    "measure_rule_frequency": 1,
    "make_comparison": 1,
    "follow_long_horizon": 1,
    "measure_cross_scale": 1,
    "make_atlas": 1,
    "write_champion": 1,
    "write_first_page": 1,
    "train_gradient": 2,
}
FIGURES = (
    "network",
    "mouse_likeness_run",
    "calibration_scan_run",
    "ceiling_run",
    "random_rules",
    "search_history",
    "pareto",
    "rule_frequency",
    "long_horizon",
    "cross_scale",
    "gradient",
)
SMOKE = ("--configfile", "config/smoke.yaml")


def merged(name):
    config = {}
    for file in ("config", "studies", "analyses", "enu"):
        config |= yaml.safe_load((ROOT / f"config/{file}.yaml").read_text())
    overlay = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    for key, value in overlay.items():
        config[key] = {**config[key], **value} if isinstance(value, dict) else value
    return config


def only_create_outputs(script):
    """Replace a script by one with the same imports that creates empty files."""
    tree = ast.parse(script.read_text())
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    body = [f"    {ast.unparse(node)}" for node in imports]
    create = (
        "from pathlib import Path\n"
        "for path in map(Path, snakemake.output):\n"
        "    path.touch() if path.suffix else path.mkdir(exist_ok=True)\n"
    )
    script.write_text("\n".join(["if False:", *body, create]))


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A checkout whose smoke run is finished, with empty results."""
    checkout = Checkout(tmp_path_factory.mktemp("finished"))
    for script in (checkout.folder / "workflow/scripts").rglob("*.py"):
        only_create_outputs(script)
    checkout.snakemake("--cores", "2", *SMOKE)
    return checkout


@pytest.fixture
def done(finished, tmp_path):
    """A copy of the finished checkout, for a test to change."""
    copy = Checkout.__new__(Checkout)
    copy.folder = tmp_path / "copy"
    shutil.copytree(finished.folder, copy.folder, symlinks=True)
    return copy


def overlay_with(checkout, section, **values):
    """Write a smoke config in which keys of one section have other values."""
    config = yaml.safe_load((checkout.folder / "config/smoke.yaml").read_text())
    config[section] = {**config.get(section, {}), **values}
    path = checkout.folder / "config/changed.yaml"
    path.write_text(yaml.safe_dump(config))
    return ("--configfile", str(path))


def searches(config):
    """Return the jobs of the searches of a config."""
    seeds = config["search"]["seeds"]
    if config["search"]["algorithm"] == "swarm":
        segments = seeds * config["search"]["segments"]
        return {
            "build_search_networks": segments,
            "search_segment": segments,
            "collect_history": seeds,
        }
    rounds = seeds * len(config["families"]["rounds"])
    return {
        "build_search_networks": rounds,
        "family_round": rounds * config["families"]["parts"],
        "collect_families": seeds,
    }


@pytest.mark.parametrize("name", ["config", "smoke", "workstation", "paper"])
def test_every_shipped_config_plans_every_stage(checkout, name):
    config = merged(name)
    network, scale = config["network"], config["cross_scale"]
    counts = checkout.planned("--configfile", f"config/{name}.yaml")
    expected = {
        **PER_RUN,
        **{f"draw_{figure}": 1 for figure in FIGURES},
        "build_network": network["training_instances"]
        + network["heldout_instances"]
        + sum(scale["instances"]),
        **searches(config),
        "run_calibration_scan": config["calibration_scan"]["run_networks"],
        "probe_mouse_likeness": config["mouse_likeness"]["run_networks"],
        "measure_ceiling": config["ceiling"]["run_networks"],
    }
    assert counts == expected


def test_the_swarm_is_planned_instead_where_the_config_says_so(done):
    counts = done.planned(*overlay_with(done, "search", algorithm="swarm"))
    assert counts["search_segment"] == merged("smoke")["search"]["segments"]
    assert counts["collect_history"] == 1
    assert "family_round" not in counts


def test_config_error_is_one_sentence_without_a_traceback(checkout):
    config = checkout.folder / "config/wrong.yaml"
    config.write_text("search: {populaton: 4}\n")
    failed = checkout.snakemake("-n", "--configfile", str(config), check=False)
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "populaton is an unknown key in the section search" in said
    assert "did you mean population?" in said
    assert "Traceback" not in said


def test_network_smaller_than_its_types_is_refused_before_any_job(checkout):
    config = checkout.folder / "config/wrong.yaml"
    config.write_text("network: {n_neurons: 20}\n")
    failed = checkout.snakemake("-n", "--configfile", str(config), check=False)
    assert failed.returncode != 0
    assert "network.n_neurons is 20" in failed.stderr


def test_too_large_a_network_is_refused_before_any_job(checkout):
    config = checkout.folder / "config/large.yaml"
    config.write_text("run: large\nnetwork: {n_neurons: 200000}\n")
    target = "results/large/calibration/calibration.nc"
    named = ("--cores", "1", "--configfile", str(config))
    failed = checkout.snakemake(target, *named, check=False)
    assert failed.returncode != 0
    assert "network.n_neurons is 200000: one evaluation" in failed.stderr
    assert not (checkout.folder / "results/large/network").exists()


def test_workflow_plans_in_another_folder(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    assert checkout.planned("--directory", str(elsewhere))["family_round"] > 0


def test_second_run_has_nothing_to_do(done):
    said = done.snakemake("--dry-run", *SMOKE)
    assert "Nothing to be done" in said.stdout + said.stderr


def test_more_rounds_plan_only_the_new_ones(done):
    rounds = [*merged("smoke")["families"]["rounds"], [2, 1, 2]]
    counts = done.planned(*overlay_with(done, "families", rounds=rounds))
    assert counts["family_round"] == 1
    assert counts["collect_families"] == 1
    assert counts["reevaluate_pareto"] == 1
    unchanged = {"build_network", "make_stimuli", "calibrate", "score_random_rules"}
    assert not unchanged & set(counts)


def test_another_learning_rate_replans_simulations_but_no_network(done):
    counts = done.planned(*overlay_with(done, "plasticity", eta=0.001))
    assert counts["family_round"] == 2
    assert counts["score_random_rules"] == 1
    assert not {"build_network", "make_stimuli"} & set(counts)


def test_another_resolution_redraws_only_figures(done):
    counts = done.planned(*overlay_with(done, "figures", dpi=72))
    # The first page of the report shows the whole config.
    drawn = {f"draw_{figure}" for figure in FIGURES}
    assert set(counts) == {"all", "write_first_page", *drawn}


def test_more_threads_or_fewer_gpus_replan_nothing(done):
    said = done.snakemake("-n", *overlay_with(done, "execution", threads=2, gpus=0))
    assert "Nothing to be done" in said.stdout + said.stderr


def test_edited_search_module_replans_the_search_but_no_baseline(done):
    module = done.folder / "workflow/evoplast/search/families/rounds.py"
    module.write_text(module.read_text() + "\n# edited\n")
    counts = done.planned(*SMOKE)
    assert counts["family_round"] == 2
    assert counts["reevaluate_pareto"] == 1
    untouched = {"build_network", "make_stimuli", "calibrate", "score_random_rules"}
    assert not (untouched | {"train_gradient"}) & set(counts)


def test_edited_network_module_replans_everything(done):
    module = done.folder / "workflow/evoplast/network/build.py"
    module.write_text(module.read_text() + "\n# edited\n")
    counts = done.planned(*SMOKE)
    assert counts["build_network"] > 0
    assert counts["train_gradient"] == 2


def test_edited_figure_module_redraws_that_figure_alone(done):
    module = done.folder / "workflow/evoplast/figures/gradient.py"
    module.write_text(module.read_text() + "\n# edited\n")
    assert done.planned(*SMOKE) == {"all": 1, "draw_gradient": 1}


def test_figures_target_draws_a_missing_figure_from_its_artefacts(done):
    (done.folder / "results/smoke/figures/gradient.png").unlink()
    assert done.planned("figures", *SMOKE) == {"figures": 1, "draw_gradient": 1}


def test_the_figures_of_the_paper_are_drawn_once_and_numbered(checkout):
    counts = checkout.planned(*SMOKE, "--", "paper_figures")
    page = (ROOT / "docs/paper.md").read_text(encoding="utf-8")
    drawn = [name for name in counts if name.startswith("draw_paper_")]
    assert len(drawn) == 15 and all(counts[rule] == 1 for rule in drawn)
    for rule in drawn:
        name = rule.removeprefix("draw_paper_")
        assert f"`{name}`" in page or name in ("weights", "dynamics"), name
