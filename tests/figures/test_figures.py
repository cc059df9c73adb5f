from importlib import import_module
from types import SimpleNamespace

import figure_tables as tables
import numpy as np
import pandas as pd
import pytest

from evoplast.artefacts.netcdf import write_dataset
from evoplast.artefacts.parquet import write_table
from evoplast.figures import (
    ceiling,
    cross_scale,
    family_history,
    gradient,
    long_horizon,
    network,
    pareto,
    random_rules,
    rule_frequency,
    search_benchmark,
    search_history,
    style,
)

PNG, PDF = b"\x89PNG", b"%PDF"


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory):
    """Write every table once; return figure name -> its input paths."""
    folder = tmp_path_factory.mktemp("artefacts")

    def parquet(name, table, provenance=None):
        write_table(folder / name, table, provenance or {})
        return str(folder / name)

    def netcdf(name, data):
        write_dataset(folder / name, data, {})
        return str(folder / name)

    made_by = {"settings": {"task": {"training_trials": 60}}}
    rules = parquet("rules.parquet", tables.rules("evolved", 12, 0), made_by)
    ceiling_table = parquet("ceiling.parquet", tables.ceiling())
    histories = [parquet(f"h{i}.parquet", tables.history(i)) for i in range(2)]
    sgd = tables.diverged(tables.gradient("sgd", (0.1, 1.0, 10.0)))
    curves = [
        parquet("adam.parquet", tables.gradient("adam", (0.001, 0.01))),
        parquet("sgd.parquet", sgd),
    ]
    return {
        "network": {
            "network": netcdf("network.nc", tables.network()),
            "calibration": netcdf("calibration.nc", tables.calibration()),
        },
        "random_rules": {
            "random_rules": parquet("random.parquet", tables.random_rules()),
            "known_rules": parquet("known.parquet", tables.known_rules()),
            "rules": rules,
            "histories": histories,
            "ceiling": ceiling_table,
        },
        "ceiling": {"table": ceiling_table},
        "pareto": {
            "rules": rules,
            "random_rules": parquet("random2.parquet", tables.random_rules()),
            "known_rules": parquet("known2.parquet", tables.known_rules()),
            "ceiling": ceiling_table,
        },
        "rule_frequency": {
            "frequency": parquet("frequency.parquet", tables.frequency()),
            "rules": rules,
        },
        "long_horizon": {
            "horizon": netcdf("horizon.nc", tables.long_horizon()),
            "trend": parquet("trend.parquet", tables.horizon_trend()),
        },
        "cross_scale": {"scales": parquet("scales.parquet", tables.cross_scale())},
        "gradient": {"curves": curves, "rules": rules, "ceiling": ceiling_table},
        "search_history": {"histories": histories},
        "family_history": {
            "histories": [
                parquet(f"f{i}.parquet", tables.families(i)) for i in range(2)
            ]
        },
        "search_ablation": {
            "ablation": parquet("ablation.parquet", tables.search_ablation())
        },
        "search_benchmark": {
            "runs": [
                parquet(f"runs_{n}.parquet", tables.search_benchmark("dtlz2", n))
                for n in (30, 2645)
            ]
        },
    }


def draw(name, artefacts, folder):
    outputs = SimpleNamespace(pdf=str(folder / "a.pdf"), png=str(folder / "a.png"))
    inputs = SimpleNamespace(**artefacts[name])
    module = "search_history" if name == "family_history" else name
    import_module(f"evoplast.figures.{module}").draw(inputs, outputs, dpi=60)
    return (folder / "a.pdf").read_bytes(), (folder / "a.png").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "network",
        "random_rules",
        "ceiling",
        "pareto",
        "rule_frequency",
        "long_horizon",
        "cross_scale",
        "gradient",
        "search_history",
        "family_history",
        "search_benchmark",
        "search_ablation",
    ],
)
def test_a_figure_is_drawn_twice_with_the_same_bytes(name, artefacts, tmp_path):
    pdf, png = draw(name, artefacts, tmp_path)
    assert pdf.startswith(PDF) and b"CreationDate" not in pdf
    assert png.startswith(PNG)
    assert (pdf, png) == draw(name, artefacts, tmp_path)


def test_only_reevaluated_and_chosen_rules_are_compared():
    shown = random_rules.reported_rules(
        tables.random_rules(), tables.known_rules(), tables.rules("evolved", 5, 0)
    )
    counts = shown["group"].value_counts().to_dict()
    assert counts == {"random": 8, "evolved": 5, "known": 3, "no plasticity": 1}


def test_the_ceiling_is_the_accuracy_of_type_means_alone(tmp_path):
    table, path = tables.ceiling(), tmp_path / "ceiling.parquet"
    write_table(path, table, {})
    kept = table[table["readout"] == "type means"]
    assert ceiling.reached(path) == pytest.approx(kept["accuracy"].mean())
    natural = kept.loc[kept["task"] == "natural", "accuracy"].mean()
    assert ceiling.reached(path, "natural") == pytest.approx(natural)


def test_the_ceiling_stands_at_its_accuracy_with_its_label():
    table = tables.rules("evolved", 4, 0)
    with style.styled():
        panel = front(table).axes[0]
    for vertical in (False, True):
        style.ceiling_line(panel, 0.71, "reached", vertical)
        line, text = panel.lines[-1], panel.texts[-1]
        assert set((line.get_ydata, line.get_xdata)[vertical]()) == {0.71}
        assert text.get_text() == "reached"


def test_a_rule_of_another_value_moves_its_point():
    table = tables.rules("evolved", 4, 0)
    drawn = _points(front(table).axes[0])
    table.loc[0, "cross_accuracy_mean"] += 0.1
    moved = _points(front(table).axes[0])
    assert len(drawn) == len(moved) == 4
    assert np.isclose(np.abs(moved - drawn).max(), 0.1)


def front(table, **limits):
    return pareto.plot(table, tables.random_rules(), tables.known_rules(), limits, 0.7)


def _points(panel):
    evolved = panel.containers[-1].lines[0]
    assert evolved.get_color() == style.GROUP_COLOURS["evolved"]
    return np.column_stack(evolved.get_data()).astype(float)


def test_limits_of_biology_stand_in_the_figure_of_the_front():
    table = tables.rules("evolved", 4, 0)
    for name, place in (("max_rate_hz", 1), ("max_wasserstein_hz", 2)):
        limit = 0.9 * table[f"{pareto.ACROSS[place - 1]}_mean"].max()
        without, drawn = (front(table, **{name: x}).axes[place] for x in (None, limit))
        lines = [line.get_xdata()[0] for line in drawn.lines]
        assert limit in lines
        assert len(drawn.lines) == len(without.lines) + 1


def test_no_axis_of_rates_or_shares_begins_below_zero():
    table = tables.rules("evolved", 4, 0).assign(synchrony_mean=0.0, synchrony_se=0.0)
    assert all(panel.get_xlim()[0] >= 0 for panel in front(table).axes[1:5])


def test_a_column_of_the_figure_has_the_terms_of_its_rule():
    table = tables.rules("evolved", 2, 0).assign(
        formula=["Δw = X_post + S_pre·X_pre", "Δw = S_pre"]
    )
    panel = rule_frequency.plot(tables.frequency(), table).axes[0]
    names = [label.get_text() for label in panel.get_yticklabels()]
    columns = [line for line in panel.lines if line.get_marker() == "s"]
    shown = [{names[y] for y in line.get_ydata()} for line in columns]
    assert shown == [{"S_pre"}, {"X_post", "S_pre·X_pre"}]


def test_connection_share_counts_pairs_without_self():
    data = tables.network().isel(edge=slice(0, 2))
    data["cell_cell_type"] = ("neuron", np.zeros(80, int))
    share = network.connection_share(data)
    assert share[0, 0] == pytest.approx(2 / (80 * 79))
    assert share[1:].sum() == 0


def test_classes_come_from_names_of_types():
    found = [network.cell_class(*pair) for pair in (("e5", True), ("i5Sst", False))]
    assert found == ["excitatory", "Sst"]


def test_a_diverged_run_says_so_and_draws_only_its_tests():
    curves = tables.diverged(tables.gradient("sgd", (1.0, 10.0)))
    reached = dict.fromkeys(curves["task"], 0.7)
    figure = gradient.plot(curves, tables.rules("evolved", 3, 0), reached, 60)
    first, second = (panel.get_legend_handles_labels()[1] for panel in figure.axes)
    assert "a run diverged after this test" in second and "SGD, rate 10" in second
    assert "a run diverged after this test" not in first


def test_what_single_terms_change_has_its_error_over_networks():
    with style.styled():
        panel = network.plot(tables.network(), tables.calibration()).axes[-1]
    shares = tables.calibration()["fraction_changed"].isel(rule=slice(0, 2))
    bars = panel.containers[0]
    middle = np.asarray(bars.lines[0].get_ydata(), float)
    np.testing.assert_allclose(middle[:2], shares.values.mean(axis=0))
    low, high = bars.lines[2][0].get_segments()[0][:, 1]
    # Two networks 0.1 apart: s.d. 0.0707, s.e. 0.05.
    assert high - low == pytest.approx(0.1)


def test_one_network_and_one_search_are_enough():
    horizon = tables.long_horizon().isel(instance=[0])
    horizon["cross_accuracy_se"] = horizon["cross_accuracy_se"] * np.nan
    figure = long_horizon.plot(horizon, tables.horizon_trend())
    assert len(figure.axes) == 3
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[1].endswith("(-0.020 ± 0.004, falls)")
    assert "(" not in texts[2]
    assert len(search_history.plot([tables.history()]).axes) == 6


def test_the_best_family_of_a_round_is_shown_with_its_error():
    table = tables.families()
    table.loc[table["family"] == 0, ["gain", "sample_gain"]] += 0.1
    best = family_history.best_families(table)
    assert best["family"].tolist() == [0, 3]
    last = table.loc[table["family"] == 3, "gain"]
    assert best.loc[1, "gain"] == pytest.approx(last.mean())
    assert best.loc[1, "gain_se"] == pytest.approx(last.std() / np.sqrt(3))
    panel = search_history.plot([table]).axes[0]
    x, y = np.array(panel.containers[0].lines[0].get_data(), float)
    np.testing.assert_allclose(y, best["gain"])
    np.testing.assert_allclose(x, [0.5, 3.0])


def test_random_rules_stand_beside_either_kind_of_search():
    groups = [
        tables.random_rules(),
        tables.known_rules(),
        tables.rules("evolved", 5, 0),
    ]
    for history in (tables.history(), tables.families()):
        figure = random_rules.plot(*groups, [history], 0.7)
        assert len(figure.axes) == 3


def test_term_shares_are_means_over_searches():
    histories = [tables.history(0), tables.history(1)]
    panel = search_history.plot(histories).axes[3]
    drawn = np.asarray(panel.collections[0].get_array()).reshape(3, -1)
    shares = [table["share of X_post"] for table in histories]
    np.testing.assert_allclose(drawn[1], np.mean(shares, axis=0))
    assert [label.get_text() for label in panel.get_yticklabels()][1] == "X_post"


def test_every_run_of_the_benchmark_is_a_point():
    runs = [tables.search_benchmark("dtlz2", 30), tables.search_benchmark("lsmop1", 30)]
    panels = search_benchmark.plot(runs).axes
    own = runs[0]["algorithm"] == "swarm, scalar, indicator"
    points, mean = panels[0].lines[0].get_xdata(), panels[0].lines[1].get_xdata()
    np.testing.assert_allclose(points, runs[0].loc[own, "relative_igd"])
    assert mean[0] == pytest.approx(points.mean())
    assert panels[1].get_title() == "LSMOP1-type, D = 30"
    scales = tables.cross_scale().assign(gain_se=np.nan)
    assert len(cross_scale.plot(scales).axes) == 2
    single = pd.concat([tables.rules("evolved", 1, 0)])
    assert len(front(single).axes) == 6
