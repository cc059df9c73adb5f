"""The figures of heterogeneity and degeneracy, from small made-up tables."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from evoplast import rules
from evoplast.figures import degeneracy, heterogeneity, style
from evoplast.search import coefficients_of
from evoplast.structure import degeneracy_tables, structure_table
from evoplast.structure import heterogeneity as measured
from evoplast.structure.distances import MEASURES
from evoplast.structure.heterogeneity import SearchEnd, used_parameters

SPACE = rules.RuleSpace(3, 0.0, 1.0)
TYPES = ("e23", "i23Pvalb", "e4")
LONG = "Δw = S_pre + X_pre·X_post + S_post·X_pre·R + X_post²·R + X_pre²·R + R"
FORMULAS = ["Δw = S_pre", "Δw = X_post²", "Δw = S_pre·X_post", LONG, "Δw = R", "Δw = 0"]


def ends(formula, n):
    rng = np.random.default_rng(1)
    used = used_parameters(SPACE, rules.gates_of(formula)[None])[0]
    size = SPACE.n_parameters
    return [
        SearchEnd(
            np.where(used, rng.uniform(-1, 1, size), np.nan),
            np.where(used, rng.normal(0, 0.1, (20, size)), np.nan),
            used.astype(int),
        )
        for _ in range(n)
    ]


def heterogeneity_figure(formula, n):
    own, synapses = ends(formula, n), np.eye(3)
    table = measured(SPACE, TYPES, own, synapses)
    classes = {"layer": np.array([0, 0, 1])}
    return heterogeneity.plot(
        table, structure_table(SPACE, own, classes, synapses > 0, 1)
    )


@pytest.mark.parametrize(("formula", "n"), [(LONG, 3), ("S_pre·X_post", 1), ("R", 1)])
def test_the_heterogeneity_is_drawn_whatever_terms_there_are(formula, n, tmp_path):
    with style.styled():
        figure = heterogeneity_figure(formula, n)
        figure.savefig(tmp_path / "figure.png")
    titles = [panel.get_title(loc="right") for panel in figure.axes]
    if formula == LONG:
        assert any("S_post·X_pre·R\n3 of 3 searches" in title for title in titles)


def test_what_differs_from_the_prior_is_marked():
    with style.styled():
        figure = heterogeneity_figure("S_pre·X_post", 3)
    table = measured(SPACE, TYPES, ends("S_pre·X_post", 3), np.eye(3))
    pairs = table[table["position"].between(*_ends("S_pre·X_post"))]
    dots, crosses = figure.axes[0].collections
    assert len(dots.get_offsets()) == (pairs["p_fdr"] < heterogeneity.LEVEL).sum()
    assert len(crosses.get_offsets()) == 6


def _ends(term):
    part = coefficients_of(SPACE, rules.TERM_NAMES.index(term))
    return part.start, part.stop - 1


def degeneracy_artefacts():
    rng, n = np.random.default_rng(2), len(FORMULAS)
    points = rng.normal(size=(len(MEASURES), 2, n, 1))
    distance = np.abs(points - points.swapaxes(2, 3))
    dims = ("network", "rule", "other")
    distances = xr.Dataset(
        {
            "distance": (("measure", *dims), distance),
            "chance": (dims, np.full((2, n, n), 0.4)),
            "accuracy": (dims[:2], rng.uniform(0.5, 0.6, (2, n))),
        },
        coords={"measure": list(MEASURES)},
    )
    groups = ["evolved", "evolved", "evolved", "random", "known", "no plasticity"]
    table = pd.DataFrame({"rule": range(n), "name": "", "group": groups})
    table["formula"] = FORMULAS
    table["n_terms"] = [1, 1, 1, 6, 1, 0]
    return distances, table


def test_the_degeneracy_is_drawn_with_whole_formulas(tmp_path):
    distances, table = degeneracy_artefacts()
    with style.styled():
        figure = degeneracy.plot(
            distances, table, **degeneracy_tables(distances, table, 1)
        )
        figure.savefig(tmp_path / "figure.png")
    names = [text.get_text() for text in figure.axes[3].get_yticklabels()]
    assert LONG.removeprefix("Δw = ") in {" ".join(name.split()) for name in names}
    assert len(names) == 5
