"""The pages in docs/: contents and verdicts are those of the sections below them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def headings(text: str) -> list[tuple[int, str]]:
    """Return (level, title) of every heading below the page's own and its contents."""
    found = re.findall(r"^(#{2,3}) (.+)$", text, flags=re.MULTILINE)
    return [(len(marks), title) for marks, title in found if title != "Contents"]


def contents(text: str) -> str:
    """Return the list of contents that the headings of a page ask for."""
    lines = []
    for level, title in headings(text):
        anchor = re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip())
        lines.append(f"{'    ' * (level - 2)}* [{title}](#{anchor})")
    return "\n".join(lines)


@pytest.mark.parametrize("page", ["numbers.md", "decisions.md"])
def test_the_contents_list_every_heading(page):
    text = (DOCS / page).read_text()
    expected = contents(text)
    assert f"## Contents\n\n{expected}\n\n## " in text, f"put in {page}:\n{expected}"


def test_every_section_of_the_numbers_begins_with_its_verdict():
    sections = re.split(r"^### ", (DOCS / "numbers.md").read_text(), flags=re.M)[1:]
    late = [s.splitlines()[0] for s in sections if "\n\n**Verdict.** " not in s[:200]]
    assert sections
    assert not late


def test_every_decision_has_a_choice_a_reason_and_a_measured_effect():
    decisions = re.split(r"^### ", (DOCS / "decisions.md").read_text(), flags=re.M)[1:]
    parts = [re.findall(r"^\*\*([\w ]+)\.\*\*", d, flags=re.M) for d in decisions]
    assert len(parts) > 80
    assert all(p == ["Choice", "Reason", "Measured effect"] for p in parts)


def test_the_tests_that_the_page_of_faults_names_are_there():
    text = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/.]+)`", text))
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).exists()]
