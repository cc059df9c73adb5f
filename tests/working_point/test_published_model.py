"""Rates of the published model beside ours: looked up, weighted by cells."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.working_point.published_model import (
    read_published_rates,
    with_published_rates,
)

TABLE = Path(__file__).parents[2] / "resources/published_model/firing_rates.csv"


def ours(cells):
    rows = [
        {"condition": condition, "cell_type": name, "n_cells": n}
        for condition in ("spontaneous", "drifting", "gratings")
        for name, n in (*cells.items(), ("all", sum(cells.values())))
    ]
    return pd.DataFrame(rows)


def test_rates_stand_beside_the_same_type_and_condition():
    published = read_published_rates(TABLE)
    found = with_published_rates(ours({"e4": 3, "i5Htr3a": 1}), published)
    rate = found.set_index(["condition", "cell_type"])["published_rate_hz"]
    assert rate["spontaneous", "e4"] == published["spontaneous", "e4"]
    assert rate["drifting", "i5Htr3a"] == published["evoked_dg_mean", "i5Htr3a"]
    mean = 0.75 * rate["drifting", "e4"] + 0.25 * rate["drifting", "i5Htr3a"]
    assert rate["drifting", "all"] == pytest.approx(mean)
    assert rate["gratings"].isna().all()


def test_types_that_were_not_published_have_no_rate_nor_their_mean():
    found = with_published_rates(
        ours({"e4": 3, "mine": 1}), read_published_rates(TABLE)
    )
    rate = found.set_index(["condition", "cell_type"])["published_rate_hz"]
    assert np.isfinite(rate["spontaneous", "e4"])
    assert np.isnan(rate["spontaneous", "mine"])
    assert np.isnan(rate["spontaneous", "all"])


def test_a_table_without_rates_is_refused(tmp_path):
    (tmp_path / "rates.csv").write_text("cell_type,measure\ne4,spontaneous\n")
    with pytest.raises(UserError, match="mean_hz"):
        read_published_rates(tmp_path / "rates.csv")
