"""The examples in docs/extending.md run as they stand, one after the other."""

import re
import shutil
from pathlib import Path

import yaml

from evoplast.configuration.config import validated
from evoplast.configuration.defaults import default_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")


def blocks(language):
    pattern = rf"^```{language}\n(.+?)^```"
    return re.findall(pattern, PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_examples_run(tmp_path, monkeypatch):
    for folder in ("allen_v1", "mouse"):
        shutil.copytree(ROOT / "resources" / folder, tmp_path / "resources" / folder)
    own = next(block for block in blocks("yaml") if "formula:" in block)
    (tmp_path / "my_rules.yaml").write_text(own, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scope = {}
    for block in blocks("python"):
        exec(compile(block, "docs/extending.md", "exec"), scope)
    assert scope["found"].accuracy.min() >= 0
    assert {"oja", "late", "pool", "bars"} <= set(scope)


def test_the_settings_of_the_page_are_valid():
    for block in blocks("yaml"):
        changed = yaml.safe_load(block)
        if "Oja" in changed:
            continue
        config = default_config()
        for name, section in changed.items():
            whole = {**config[name], **section} if isinstance(section, dict) else None
            config[name] = whole or section
        assert validated(config)


def test_files_that_the_page_names_exist():
    named = set(re.findall(r"`((?:workflow|tests)/[\w/.]+\.(?:py|h|smk))`", PAGE))
    assert len(named) > 8
    assert not [name for name in named if not (ROOT / name).is_file()]
