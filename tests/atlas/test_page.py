"""The page of all rules: complete without its script, closed to names and networks."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import pytest
from scipy.stats import sem
from small_runs import CONFIG, TYPES, add_analyses, make_run

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.parquet import read_table, write_table
from evoplast.atlas import atlas_of_run
from evoplast.atlas.libraries import libraries
from evoplast.atlas.typeset import typeset
from evoplast.rules import N_TERMS, TERMS

NASTY = '</script><img src=x onerror=alert(1)>"&<b>bold</b>'


class Reader(HTMLParser):
    """What a browser finds: elements with attributes, and the text of table rows."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.rows, self._row = [], {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self._row = dict(attrs).get("id")

    def handle_endtag(self, tag):
        if tag == "tr":
            self._row = None

    def handle_data(self, data):
        if self._row:
            self.rows[self._row] = self.rows.get(self._row, "") + data


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    files = make_run(tmp_path_factory.mktemp("run"), names=["evolved 0", NASTY])
    return atlas_of_run(files, CONFIG)


def embedded(page, name):
    found = re.search(rf'<script[^>]*id="{name}">(.*?)</script>', page, re.S)[1]
    if name == "data":
        return json.loads(found)
    return json.loads(gzip.decompress(base64.b64decode(found)))


def test_every_rule_is_a_row_before_any_script_runs(page):
    rows = Reader(page).rows
    rules = embedded(page, "data")["rules"]
    assert list(rows) == [rule["key"] for rule in rules]
    for rule in rules:
        mean = rule["splits"]["unseen"]["values"]["cross_accuracy"][0]
        assert f"{mean:.3f} ± " in rows[rule["key"]]


def test_a_name_is_text_wherever_it_stands(page):
    reader = Reader(page)
    assert not [a for tag, a in reader.elements if tag == "img" or "onerror" in a]
    assert not [tag for tag, _ in reader.elements if tag == "b"]
    assert any(NASTY in text for text in reader.rows.values())
    assert embedded(page, "data")["rules"][1]["name"] == NASTY
    assert [tag for tag, _ in reader.elements].count("script") == 4


def test_nothing_in_the_page_asks_a_server(page):
    asking = ("src", "href", "action", "srcset", "poster", "data")
    targets = [a[n] for _, a in Reader(page).elements for n in asking if n in a]
    assert targets
    assert all(target.startswith("#") for target in targets)
    style = re.search("<style>(.*?)</style>", page, re.S)[1]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in page


def test_details_of_every_rule_are_there(page):
    details, data = embedded(page, "packed-details"), embedded(page, "data")
    assert set(details) == {rule["key"] for rule in data["rules"]}
    n = len(data["types"])
    shapes = {"pre": n, "post": n, "pair": n}
    for rule in data["rules"]:
        own = details[rule["key"]]
        assert [term["name"] for term in own["terms"]] == rule["terms"]
        assert all(len(t["values"]) == shapes[t["kind"]] for t in own["terms"] if
                   t["kind"] in shapes)  # fmt: skip
        compile(own["brian2"], "rule.py", "exec")
    followed = [key for key, own in details.items() if own["curve"]]
    assert followed == ["r-evolved-0"]


def test_rates_and_weights_by_type_are_those_of_the_analyses(tmp_path):
    files = add_analyses(tmp_path, make_run(tmp_path), "evolved 2")
    details = embedded(atlas_of_run(files, CONFIG), "packed-details")
    assert [key for key in details if details[key]["behaviour"]] == ["r-evolved-2"]
    own = details["r-evolved-2"]["behaviour"]
    cells = read_table(files.firing)
    cells = cells[(cells["rule"] == "best") & (cells["cell_type"] == TYPES[3])]
    by_network = cells.groupby("instance")["rate_hz"].mean()
    assert own["n_networks"] == 3
    assert own["rates"]["mean"][0] is None
    assert own["rates"]["mean"][3] == pytest.approx(by_network.mean(), rel=1e-3)
    assert own["rates"]["se"][3] == pytest.approx(sem(by_network), rel=1e-3)
    assert own["weights"][0][1:3] == [0.5, -9.0]
    assert own["weights"][1] == [None] * len(TYPES)


def test_seventy_rules_of_many_terms_fit_into_five_megabytes(tmp_path):
    files = make_run(tmp_path, n_evolved=58, n_random=8, n_types=17)
    page = atlas_of_run(files, CONFIG)
    assert len(embedded(page, "data")["rules"]) == 70
    assert len(page.encode()) < 5_000_000


@pytest.mark.parametrize(
    "splits",
    [
        {"selection": range(2), "unseen": range(100, 101)},
        {"selection": range(2), "seen": range(2)},
    ],
    ids=["one network", "no network left out"],
)
def test_a_run_with_few_networks_has_its_page(tmp_path, splits):
    files = make_run(tmp_path, splits=splits)
    page = atlas_of_run(files, CONFIG)
    assert len(Reader(page).rows) == 14
    measured = embedded(page, "data")["rules"][0]["splits"]
    assert list(measured) == sorted(splits, key=["unseen", "seen", "selection"].index)
    errors = [error for _, error in measured["selection"]["values"].values()]
    assert all(error is not None for error in errors)
    used = "that chose nothing" if "unseen" in splits else "of the choice"
    assert f"network{'' if 'unseen' in splits else 's'} {used}" in page


def test_the_same_files_give_the_same_page(tmp_path, page):
    files = make_run(tmp_path, names=["evolved 0", NASTY])
    assert atlas_of_run(files, CONFIG) == page


def test_settings_that_are_missing_are_one_sentence(tmp_path):
    files = make_run(tmp_path)
    write_table(files.evolved[0], read_table(files.evolved[0]), {"settings": {}})
    with pytest.raises(UserError, match="settings of 'plasticity'.*make it again"):
        atlas_of_run(files, CONFIG)


def test_libraries_come_with_their_licences():
    texts = {library.name.split()[0]: library for library in libraries()}
    assert set(texts) == {"Vega", "Vega-Lite", "DataTables"}
    assert "Redistribution and use" in texts["Vega"].licence
    assert "SpryMedia" in texts["DataTables"].licence
    assert "window.DataTable=" in texts["DataTables"].code
    assert not any("sourceMappingURL" in library.code for library in texts.values())


def test_a_formula_is_set_term_by_term():
    gates = [0] * N_TERMS
    gates[[term.name for term in TERMS].index("X_post²·R")] = 1
    html = typeset(gates, coefficients=True)
    assert '<i>X</i><span class="stack"><sup>2</sup><sub>post</sub></span>' in html
    assert "<i>R</i>" in html and 'aria-label="Δw = X_post²·R"' in html
    assert "Δ<i>w</i> = 0" in typeset([0] * N_TERMS)
