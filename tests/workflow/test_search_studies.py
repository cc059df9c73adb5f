"""What Snakemake plans for the studies of the search."""

import re

import numpy as np
import pytest
import yaml
from checkout import ROOT, Checkout

from evoplast.rules import TERM_HAS_REWARD, term_named

SMOKE = ("--configfile", "config/smoke.yaml", "--")
CONFIG = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())


def test_the_proof_plans_every_search_once_and_networks_of_its_own(tmp_path):
    counts = Checkout(tmp_path).planned(*SMOKE, "search_proof")
    n, proof = CONFIG["search_proof"]["seeds"], CONFIG["search_proof"]
    rounds, segments = len(CONFIG["families"]["rounds"]), CONFIG["search"]["segments"]
    expected = {
        "build_network": CONFIG["network"]["training_instances"]
        + n * proof["heldout_instances"],
        "build_search_networks": n * (rounds + segments),
        # With limits of biology and without.
        "family_round": 2 * n * rounds,
        "search_segment": n * segments,
        "screen_search_proof": n,
        "score_search_proof": n,
        "score_proof_order": n,
        "summarise_search_proof": 1,
        "draw_search_proof": 1,
    }
    assert {job: counts.get(job) for job in expected} == expected
    assert "collect_history" not in counts


def test_searches_without_reward_are_planned_beside_those_of_the_run(tmp_path):
    counts = Checkout(tmp_path).planned(*SMOKE, "reward_search")
    n, rounds = CONFIG["search_proof"]["seeds"], len(CONFIG["families"]["rounds"])
    assert counts["family_round"] == 2 * n * rounds
    assert counts["score_reward_search"] == n
    assert counts["compare_reward_searches"] == counts["draw_reward_search"] == 1
    assert "search_segment" not in counts and "screen_search_proof" not in counts


def test_the_terms_of_the_reward_are_those_of_the_library():
    text = (ROOT / "workflow/rules/common.smk").read_text()
    block = text[text.index("REWARD_TERMS = ") :].partition("\n]\n")[0]
    named = {term_named(name) for name in re.findall(r'"([^"]+)"', block)}
    assert named == set(np.flatnonzero(TERM_HAS_REWARD))


@pytest.mark.parametrize("name", ["proof", "reference"])
def test_the_published_proofs_plan_at_least_16_networks_never_used(tmp_path, name):
    counts = Checkout(tmp_path).planned(
        "--configfile", f"config/{name}.yaml", "--", "search_proof"
    )
    overlay = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    seeds = overlay["search"]["seeds"]
    assert counts["score_search_proof"] == seeds
    assert counts["family_round"] == 2 * seeds * 5
    assert counts["build_network"] >= 16 + 4


STUDIES = {"generalisation": 3, "selection_bias": 5 * 2, "initialisation": 4}
STUDIES |= {"swarm_options": 3}


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
    # them the reference of all. Start: gates, prior, share. Swarm:
    # alpha, steps.
    assert counts["run_variant"] == 2 + 10 + 3 + 2
    sized = CONFIG["network"]["training_instances"]
    assert counts["build_network"] == sized + 1 + (sized + 1)
