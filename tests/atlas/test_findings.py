"""The sentences say what the numbers allow; the champion's table is the whole rule."""

import re

import numpy as np
import pytest
from docutils.core import publish_parts
from jinja2 import Environment
from small_runs import CONFIG, PROVENANCE, make_run

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.parquet import read_table, write_table
from evoplast.atlas import (
    champion,
    findings_of_run,
    first_page,
    rule_table,
    rule_text,
    rules_of_run,
    settings_page,
)
from evoplast.atlas.report import plain
from evoplast.rules import active_terms, coefficient_table

MADE_WITH = {"versions": {"python": "3.99.1", "jax": "0", "numpy": "0"}}


def found(folder, **about):
    files = make_run(folder, **about)
    return findings_of_run(files)


def test_a_better_rule_is_called_better(tmp_path):
    sentences = found(tmp_path, best=0.05)[1].sentences
    assert len(sentences) == 4
    assert "It is better than no plasticity (+0.0" in sentences[1]
    assert "12 networks that chose nothing; it was chosen on 4 others" in sentences[0]


def test_a_worse_rule_is_called_worse(tmp_path):
    sentences = found(tmp_path, best=-0.05)[1].sentences
    assert "It is worse than no plasticity (-0.0" in sentences[1]
    assert "of the way" not in sentences[1]


def test_a_rule_like_others_is_called_neither(tmp_path):
    sentences = found(tmp_path, best=0.0)[1].sentences
    assert "not distinguishable from no plasticity" in sentences[1]
    assert "better" not in sentences[2]


def test_p_values_are_corrected_for_three_comparisons(tmp_path):
    files = make_run(tmp_path, best=0.05)
    table = read_table(files.comparison)
    rows = (table["left"] == "evolved") & (table["selection"] == "champion")
    table.loc[rows, "p_value"] = 0.02
    write_table(files.comparison, table, PROVENANCE)
    sentences = findings_of_run(files)[1].sentences
    # Holm: the smallest of three times three.
    assert "p 0.02, corrected 0.06" in sentences[1]
    assert "not distinguishable" in sentences[1]


def test_the_share_of_the_way_is_that_of_the_numbers(tmp_path):
    catalogue, result, ceiling = found(tmp_path, best=0.03)
    best, still = (catalogue.best(g) for g in ("evolved", "no plasticity"))
    a, b = (entry.value("cross_accuracy")[0] for entry in (still, best))
    share = (b - a) / (ceiling.values["cross_accuracy"][0] - a)
    assert f"{100 * share:.0f} % of the way" in result.sentences[1]
    assert ceiling.values["cross_accuracy"] == pytest.approx((0.63, 0.01))


def test_a_ceiling_without_the_readout_is_one_sentence(tmp_path):
    files = make_run(tmp_path)
    table = read_table(files.ceiling)
    write_table(files.ceiling, table[table["readout"] == "all cells"], PROVENANCE)
    with pytest.raises(UserError, match="no readout 'type means', only all cells"):
        findings_of_run(files)


def test_the_first_page_shows_sentences_and_table_whatever_the_names(tmp_path):
    name = "A_ *b* `c` |d| {{ 7 * 7 }} {% endraw %} <i>e</i>"
    catalogue, result, _ = found(tmp_path, names=[name])
    config = {**CONFIG, "run": name}
    template = Environment().from_string(
        first_page(catalogue, result, config, MADE_WITH)
    )
    strict = {"halt_level": 2, "report_level": 2}
    html = publish_parts(template.render(), writer="html5", settings_overrides=strict)[
        "html_body"
    ]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.split("</style>")[-1]))
    assert name.replace("<", "&lt;").replace(">", "&gt;") in html
    assert all(s.replace(">", "&gt;") in text for s in result.sentences)
    assert "python 3.99.1" in text
    assert len(re.findall("<tr", html)) == 6


def test_text_is_plain_in_restructured_text():
    text = r"a_ *b* `c`_ |d|_ \e [f]_ <g> {h}"
    body = publish_parts(plain(text), writer="pseudoxml")["whole"]
    assert text in body


def test_the_settings_are_there_and_nothing_in_them_is_html():
    page = settings_page({"run": "<b>", "deep": {"key": "</pre><script>"}}, MADE_WITH)
    assert "&lt;/pre&gt;&lt;script&gt;" in page
    assert "<script>" not in page and "python: 3.99.1" in page


def test_the_champions_table_is_the_whole_rule(tmp_path):
    catalogue = rules_of_run(make_run(tmp_path))
    best = champion(catalogue)
    table = rule_table(catalogue, best)
    expected = coefficient_table(catalogue.space, best.genome, catalogue.type_names)
    found = table[table["part"] == "coefficient"]
    np.testing.assert_array_equal(found["value"], expected["coefficient"])
    taus = best.genome[catalogue.space.slices["tau_E_ms"]]
    np.testing.assert_array_equal(table[table["part"] == "tau_E"]["value"], taus)
    assert set(found["term"]) == {
        name.strip() for name in best.formula.removeprefix("Δw = ").split("+")
    }
    assert not table.isna().any(axis=None)


def test_the_champions_text_has_formula_and_numbers(tmp_path):
    catalogue = rules_of_run(make_run(tmp_path))
    best = champion(catalogue)
    text = rule_text(catalogue, best)
    assert text.startswith(f"evolved 0: {best.formula}\n")
    assert text.count(", by ") == len(active_terms(best.gates))
    assert all(name in text for name in catalogue.type_names)


def test_a_run_without_a_front_has_no_champion(tmp_path):
    files = make_run(tmp_path)
    write_table(files.evolved[0], read_table(files.evolved[0])[:0], PROVENANCE)
    with pytest.raises(UserError, match="No evolved rule is in this run's front"):
        champion(rules_of_run(files))
