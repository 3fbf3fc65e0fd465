"""What pages say the commands print is what they print, and the commands are there; no stack is started for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jst.ledger.titles import named
from local.docs import samples
from local.first_cycle import in_use
from local.layout import ROOT, Layout, Ports, Secrets
from local.services.source import CONNECTION
from local.supervise.start_order import groups

SHOWN = [
    (path.relative_to(ROOT).as_posix(), name, text)
    for path in samples.PAGES
    for name, text in samples.samples(path.read_text("utf-8")).items()
]
AGAIN = "make clean && make docs ARGS=--samples"
_CHINESE = re.compile(r"[一-鿿]+")


@cache
def spoken() -> frozenset[str]:
    """Every run of Chinese in a text of the program, its specs and its checks."""
    found: set[str] = set()
    for path in (*(ROOT / "local").rglob("*.py"), *(ROOT / "plugins" / "jst").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(_CHINESE.findall(node.value))
    for path in (ROOT / "include" / "config").rglob("*.yaml"):
        found.update(_CHINESE.findall(path.read_text("utf-8")))
    return frozenset(found)


def is_spoken(run: str) -> bool:
    """Whether the program can say it: one of its runs of Chinese, or several put together."""
    ends = {0}
    for end in range(1, len(run) + 1):
        if any(run[start:end] in spoken() for start in ends):
            ends.add(end)
    return len(run) in ends


def unspoken(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from (run for run in _CHINESE.findall(line) if not is_spoken(run))


def test_every_page_shows_what_a_newcomer_will_see() -> None:
    shown = {(page, name) for page, name, _ in SHOWN}
    assert {name for page, name in shown if page.startswith("README")} == {samples.END}
    assert {name for page, name in shown if page.startswith("docs")} == set(samples.COMMANDS)
    assert len(shown) == 2 + 2 * len(samples.COMMANDS)


@pytest.mark.parametrize(("page", "name", "text"), SHOWN, ids=[f"{page}: {name}" for page, name, _ in SHOWN])
def test_a_sample_says_nothing_the_program_does_not_say(page: str, name: str, text: str) -> None:
    assert text.count("\n") > 3
    assert list(unspoken(text)) == [], f"stale: {AGAIN}"


def test_a_sentence_that_was_dropped_from_the_program_would_be_found() -> None:
    assert list(unspoken("  … 等待第一个成功周期：宽表 0 行，已证明的计划 0 个（0 秒）")) == ["等待第一个成功周期"]


@pytest.mark.parametrize("name", ["make up", "make status"])
def test_a_sample_leaves_nothing_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONNECTION, raising=False)
    items = [item for group in groups(Layout(tmp_path, Ports(), Secrets())) for item in group]
    said = (
        [f"  ✓ {item.title}（" for item in items]
        if name == "make up"
        else [item.name for item in items if hasattr(item, "ready")]
    )
    said += [f"模块 {named(module)}：" for module in in_use()]
    for page, sample, text in SHOWN:
        if sample == name:
            assert [words for words in said if words not in text] == [], f"{page}: {AGAIN}"


def test_every_command_that_pages_name_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    measures = {path.parent.name for path in (ROOT / "bench").glob("*/__main__.py")}
    for path in (*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")):
        text = path.read_text("utf-8")
        named_targets = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", text, re.MULTILINE))
        assert named_targets <= targets, path
        assert set(re.findall(r"make bench NAME=([a-z]+)", text)) <= measures, path
    for path in samples.PAGES[2:]:
        rows = set(re.findall(r"^\| `make (?:bench NAME=)?([a-z-]+)", path.read_text("utf-8"), re.MULTILINE))
        assert rows >= (targets | measures) - {"help", "up", "test", "docs"}, path
