"""What Snakemake plans for the scan of the working point and the mouse, by size."""

import pytest
import yaml
from checkout import ROOT, Checkout

from evoplast.artefacts.errors import UserError
from evoplast.configuration.config import validated
from evoplast.configuration.contradictions import check_sizes

TARGETS = ("calibration_scan", "mouse_likeness")


def test_both_targets_plan_each_network_once_for_each_question(tmp_path):
    smoke = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    scanned, probed = (
        sum(row[1] for row in smoke[name]["networks"]) for name in TARGETS
    )
    counts = Checkout(tmp_path).planned(
        "--configfile", "config/smoke.yaml", "--", *TARGETS
    )
    assert counts == {
        "build_network": max(scanned, probed) + 1,
        "make_stimuli": 2,
        "run_calibration_scan": scanned,
        "probe_mouse_likeness": 2 * probed,
        "gather_calibration_scan": 1,
        "gather_mouse_likeness": 1,
        "probe_grey_screen": probed,
        "gather_grey_screen": 1,
        "compare_calibration_scan": 1,
        "draw_calibration_scan_sizes": 1,
        "draw_mouse_likeness_sizes": 1,
        **dict.fromkeys(TARGETS, 1),
    }


def test_the_ceiling_plans_each_network_once(tmp_path):
    counts = Checkout(tmp_path).planned(
        "--configfile", "config/smoke.yaml", "--", "ceiling"
    )
    assert counts["measure_ceiling"] == 2
    assert counts["gather_ceiling"] == counts["draw_ceiling_sizes"] == 1


@pytest.mark.parametrize("section", [*TARGETS, "ceiling"])
def test_a_network_too_small_for_its_types_is_refused(section):
    config = validated({})
    config[section]["networks"] = [[20, *config[section]["networks"][0][1:]]]
    with pytest.raises(UserError, match=f"{section}.networks is 20"):
        check_sizes(config, 17)
