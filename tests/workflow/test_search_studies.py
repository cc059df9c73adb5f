"""What Snakemake plans for the studies of the search."""

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
        "screen_proof": n,
        "score_proof": n,
        "summarise_proof": 1,
        "draw_search_proof": 1,
        "search_proof": 1,
    }
