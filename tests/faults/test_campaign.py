"""One try of every kind of fault, with the undisturbed run that it is compared to."""

import campaign
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return campaign.prepared(tmp_path_factory.mktemp("faults"), seed=1)


@pytest.mark.parametrize("kind", campaign.KINDS)
def test_nothing_is_wrong_or_untidy(place, kind):
    for each in campaign.KINDS[kind](place, 1):
        assert each.outcome in ("recovered", "refused", "skipped"), each
