"""The page of all rules in Chromium: sorted, filtered, opened, compared, offline."""

import shutil

import numpy as np
import pytest
from small_runs import CONFIG, add_analyses, make_run

from evoplast.atlas import atlas_of_run, rules_of_run

pytestmark = pytest.mark.browser
NASTY = '</script><img src=x onerror=alert(1)>"&<b>bold</b>'
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)


@pytest.fixture(scope="module")
def chromium():
    library = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: make test-browser installs it"
    )
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    run = make_run(folder, names=["evolved 0", NASTY])
    return add_analyses(folder, run, "evolved 2")


@pytest.fixture(scope="module")
def catalogue(files):
    return rules_of_run(files)


@pytest.fixture(scope="module")
def address(files, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "atlas.html"
    path.write_text(atlas_of_run(files, CONFIG), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(chromium, address):
    """Open the page; in the end nothing may have gone wrong or been asked for."""
    contexts, wrong, asked = [], [], []

    def open_page(place="", ready="body[data-ready]", script=None, **about):
        about = {"viewport": {"width": 1280, "height": 900}, **about}
        context = chromium.new_context(offline=True, **about)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: wrong.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        if script:
            page.add_init_script(script)
        page.goto(address + place)
        page.wait_for_selector(ready)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong
    assert {url.split("#")[0] for url in asked} <= {address}


def order(page):
    return page.evaluate(
        "[...document.querySelectorAll('#table tbody tr')].map(r=>r.id)"
    )


def becomes(page, expected):
    """Wait until the rows have this order: the table sorts in a moment of its own."""
    rows = "[...document.querySelectorAll('#table tbody tr')].map(r => r.id).join()"
    try:
        page.wait_for_function(f"{rows} === {','.join(expected)!r}", timeout=5000)
    except Exception:
        assert order(page) == list(expected)


def by_value(catalogue, quantity, split="unseen"):
    values = {e.key: e.splits[split].values[quantity][0] for e in catalogue.entries}
    return sorted(values, key=values.get, reverse=True)


def head(page, name):
    return page.locator("#table thead th:visible").filter(has_text=name).first


def test_a_click_on_a_head_sorts_by_number(opened, catalogue):
    page = opened()
    becomes(page, by_value(catalogue, "cross_accuracy"))
    head(page, "highest rate").click()
    becomes(page, by_value(catalogue, "max_rate_hz"))
    assert head(page, "highest rate").get_attribute("aria-sort") == "descending"
    head(page, "highest rate").click()
    becomes(page, by_value(catalogue, "max_rate_hz")[::-1])


def test_the_keyboard_sorts_and_opens(opened, catalogue):
    page = opened()
    page.locator("#find").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('th.of-split')"):
            break
    page.keyboard.press("Enter")
    becomes(page, by_value(catalogue, "cross_accuracy")[::-1])
    page.locator("#table tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail article")
    assert page.evaluate("document.activeElement.id") == "detail-head"


def test_filters_by_text_kind_and_term(opened, catalogue):
    page = opened()
    page.fill("#find", "stdp")
    assert set(order(page)) == {"r-pair-stdp", "r-triplet-like-stdp"}
    assert page.inner_text("#count") == f"2 of {len(catalogue.entries)} rules"
    page.fill("#find", "")
    page.uncheck("input.group[value=random]")
    groups = {e.key: e.group for e in catalogue.entries}
    assert {groups[key] for key in order(page)} == {"evolved", "known", "no plasticity"}
    page.select_option("#term", "S_pre·X_post")
    wanted = {
        e.key
        for e in catalogue.entries
        if "S_pre·X_post" in e.formula.removeprefix("Δw = ").split(" + ")
        and e.group != "random"
    }
    assert set(order(page)) == wanted


def test_another_split_shows_its_numbers(opened, catalogue):
    page = opened()
    page.select_option("#split", "selection")
    mean = catalogue.entries[0].splits["selection"].values["cross_accuracy"][0]
    cells = page.locator("#r-evolved-0 td.selection:visible")
    assert cells.first.inner_text().startswith(f"{mean:.3f} ± ")
    assert not page.locator("#r-evolved-0 td.unseen:visible").count()


def test_a_rule_opens_with_all_its_parts(opened, catalogue):
    page = opened()
    page.click("a[href='#r-evolved-0']")
    page.wait_for_selector(".curve svg >> nth=2")
    n_terms = catalogue.entries[0].n_terms
    assert page.locator(".maps figure").count() == n_terms
    assert page.locator(".maps svg").count() == 2 * n_terms
    assert page.locator(".taus svg").count() == 1
    page.click("summary:has-text('Brian2')")
    assert "from brian2 import *" in page.inner_text(".code pre")
    assert page.url.endswith("#r-evolved-0")
    page.click("button:has-text('copy')")
    page.wait_for_selector("text=Brian2 script copied")


def test_rates_and_weights_by_type_are_drawn_where_they_were_measured(opened):
    page = opened("#r-evolved-2")
    page.wait_for_selector(".behaviour .weights svg")
    points = page.locator(".behaviour .rates .mark-symbol.role-mark path")
    assert points.count() == 5
    assert page.locator(".behaviour .weights .mark-rect.role-mark path").count() == 2


def test_what_no_artefact_has_is_said_with_the_command_for_it(opened):
    page = opened("#r-random-1")
    page.wait_for_selector(".behaviour p >> nth=1")
    assert "snakemake" in page.inner_text(".curve")
    assert "of which this is none" in page.inner_text(".behaviour")


def test_a_click_on_a_point_opens_its_rule(opened, catalogue):
    page = opened()
    page.select_option("#axis-x", "wasserstein_hz")
    page.select_option("#axis-y", "max_rate_hz")
    page.wait_for_selector("#scatter svg >> text=distance of rates to mouse")
    page.locator("#scatter .mark-symbol.role-mark path").last.click()
    page.wait_for_selector("#detail article")
    key = page.locator("#detail article").get_attribute("data-key")
    assert key in {entry.key for entry in catalogue.entries}


def test_rules_that_broke_are_shown_when_they_are_asked_for(opened, catalogue):
    page = opened()
    points = page.locator("#scatter .mark-symbol.role-mark path")
    assert points.count() == len(catalogue.entries) - 1
    page.check("#broken")
    page.wait_for_function(
        "document.querySelectorAll('#scatter .mark-symbol.role-mark path').length"
        f" === {len(catalogue.entries)}"
    )


def test_two_rules_stand_beside_each_other_with_paired_differences(opened, catalogue):
    page = opened("#r-evolved-0")
    page.wait_for_selector("#detail article")
    page.locator("#detail select").nth(1).select_option("r-random-0")
    page.wait_for_selector("#difference")
    assert page.locator("#detail article").count() == 2
    assert page.url.endswith("#r-evolved-0+r-random-0")
    a, b = (
        next(e for e in catalogue.entries if e.key == key).splits["unseen"].by_network
        for key in ("r-evolved-0", "r-random-0")
    )
    paired = a["cross_accuracy"] - b["cross_accuracy"]
    error = paired.std(ddof=1) / np.sqrt(len(paired))
    expected = f"{paired.mean():+.3f} ± {error:.3f}".replace("-", "−")
    row = page.locator("#difference tbody tr").first
    assert row.locator("td").first.inner_text() == expected
    assert row.locator("td").last.inner_text() == "12"


def test_a_link_opens_what_it_names_and_nothing_else(opened):
    page = opened("#r-evolved-2+r-pair-stdp")
    assert page.locator("#detail article").count() == 2
    page = opened("#r-nobody")
    assert page.locator("#detail").is_hidden()
    page = opened("#%E0%A4%A")
    assert page.locator("#detail").is_hidden()


def test_a_name_is_text_in_every_view(opened):
    page = opened()
    link = page.locator("#table a").filter(has_text="onerror")
    assert link.inner_text() == NASTY
    link.click()
    page.wait_for_selector("#detail article")
    assert page.inner_text("#detail-head") == NASTY
    assert not page.locator("img").count()


def test_a_phones_width_is_enough(opened):
    page = opened("#r-evolved-0+r-random-0", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = [box.bounding_box() for box in page.locator("#detail article").all()]
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"] - 1
    head(page, "accuracy").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_javascript_the_table_is_there(opened, catalogue):
    page = opened(ready="#table", java_script_enabled=False)
    assert page.locator("#table tbody tr:visible").count() == len(catalogue.entries)
    assert page.locator("#r-evolved-0 td.unseen:visible").count()
    assert page.locator("#r-evolved-0 td.selection:visible").count()
    assert not page.locator("#find:visible").count()
    assert "Without JavaScript" in page.inner_text("main")


def test_an_old_browser_is_told_and_keeps_the_table(opened, catalogue):
    old = "delete window.DecompressionStream"
    page = opened(ready=".warning", script=old)
    assert "Only the table is shown" in page.inner_text("header")
    assert page.locator("#table tbody tr:visible").count() == len(catalogue.entries)
