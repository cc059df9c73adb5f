"""One try of every kind of fault, with the undisturbed run that it is compared to."""

import campaign
import pytest


def test_a_refusal_needs_a_sentence_of_ours():
    usual = "Rules claiming more threads will be scaled down.\n"
    usual += "Exiting because a job execution failed. Look below for error messages.\n"
    usual += "At least one job did not complete successfully.\n"
    ours = "a.nc is not a readable NetCDF file (damaged?); delete it and run again."
    assert campaign.refused(usual) == "untidy"
    assert campaign.refused(f"{ours}\n{usual}") == "refused"
    assert campaign.sentence_of(f"{ours}\n{usual}") == ours
    crash = "Traceback (most recent call last):\n"
    assert campaign.refused(f"{ours}\n{crash}{usual}") == "untidy"


def test_tries_are_counted_by_kind_and_outcome():
    tries = [campaign.Try("kill job", "", end, "") for end in ("recovered", "wrong")]
    tries.append(campaign.Try("full disk", "", "skipped", ""))
    lines = campaign.table(tries).splitlines()
    assert lines[2:] == [
        "| kill job | 2 | 0 | 1 | 0 | 1 |",
        "| full disk | 0 | 0 | 0 | 0 | 0 |",
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return campaign.prepared(tmp_path_factory.mktemp("faults"), seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", campaign.KINDS)
def test_nothing_is_wrong_or_untidy(place, kind):
    for each in campaign.KINDS[kind](place, 1):
        assert each.outcome in ("recovered", "refused", "skipped"), each
