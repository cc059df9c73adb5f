"""What Snakemake plans for the studies of the search."""

import pytest
import yaml
from checkout import ROOT, Checkout

SMOKE = ("--configfile", "config/smoke.yaml", "--")
CONFIG = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())


def test_the_proof_plans_every_search_once_and_networks_of_its_own(tmp_path):
    counts = Checkout(tmp_path).planned(*SMOKE, "search_proof")
    n, proof = CONFIG["search_proof"]["seeds"], CONFIG["search_proof"]
    assert counts == {
        "build_network": CONFIG["network"]["training_instances"]
        + n * proof["heldout_instances"],
        "make_stimuli": 2,
        "search_segment": n * CONFIG["search"]["segments"],
        "collect_history": n,
        "screen_search_proof": n,
        "score_search_proof": n,
        "summarise_search_proof": 1,
        "draw_search_proof": 1,
        "search_proof": 1,
    }


STUDIES = {"generalisation": 3, "selection_bias": 5 * 2, "initialisation": 4}


@pytest.mark.parametrize("study", ["rule_spread", "sequence_noise"])
def test_studies_of_random_rules_need_no_search(tmp_path, study):
    counts = Checkout(tmp_path).planned(*SMOKE, study)
    assert counts[f"measure_{study}"] == counts[f"draw_{study}"] == 1
    assert "search_segment" not in counts


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_plans_the_reference_and_its_variants(tmp_path, study):
    counts = Checkout(tmp_path).planned(*SMOKE, study)
    assert counts["run_variant"] == STUDIES[study]
    assert counts["compare_variants"] == counts[f"draw_{study}"] == 1
    assert "search_segment" not in counts


def test_the_studies_share_the_reference_and_the_networks_of_the_run(tmp_path):
    counts = Checkout(tmp_path).planned(*SMOKE, *STUDIES)
    # Generalisation: 1 network, 50 cells. Bias: five variants of two searches, one of
    # them the reference of all. Start: gates, prior, share.
    assert counts["run_variant"] == 2 + 10 + 3
    sized = CONFIG["network"]["training_instances"]
    assert counts["build_network"] == sized + 1 + (sized + 1)
