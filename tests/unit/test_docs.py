"""What the pages refer to is there: a reader at night follows a link once."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
_PATH = re.compile(r"`(?!dags/test_)((?:dags|docs|include|local|plugins|tests)/[\w./-]+)`")
_TEST = re.compile(r"`(?:tests/)?([a-z0-9_/]*test_\w+\.py)(?:::(\w+))?")


def test_links_lead_somewhere() -> None:
    links = {(page, link) for page in PAGES for link in _LINK.findall(page.read_text("utf-8"))}
    assert len(links) > 30
    assert [f"{page.name} → {link}" for page, link in sorted(links) if not (page.parent / link).exists()] == []


def test_tests_that_prove_a_promise_exist() -> None:
    files = {path.relative_to(ROOT / "tests").as_posix(): path for path in (ROOT / "tests").rglob("test_*.py")}
    named = {(page.name, *found) for page in PAGES for found in _TEST.findall(page.read_text("utf-8"))}
    assert len(named) > 30
    assert [
        words
        for words in sorted(named)
        if not any(
            name.endswith("/" + words[1]) or name == words[1]
            for name, path in files.items()
            if f"def {words[2]}" in path.read_text("utf-8")
        )
    ] == []


def test_files_and_folders_that_pages_name_exist() -> None:
    now = [page for page in PAGES if page.parent.name not in ("decisions", "runbooks") and page.name != "CHANGELOG.md"]
    named = {(page.name, path) for page in now for path in _PATH.findall(page.read_text("utf-8"))}
    assert len(named) > 50
    assert [words for words in sorted(named) if not (ROOT / words[1]).exists()] == []
