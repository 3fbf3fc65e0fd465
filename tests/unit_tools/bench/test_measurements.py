"""One way to call a measurement, and every command that is named somewhere exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import __main__ as bench

ROOT = Path(__file__).parents[3]
MEASUREMENTS = {path.parent.name for path in (ROOT / "bench").glob("*/__main__.py")}
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
PLACES = ("*.md", "docs/**/*.md", *(f"{folder}/**/*.py" for folder in ("bench", "dags", "local", "plugins", "tests")))


def test_without_a_name_every_measurement_is_listed_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([]) == 0
    listed = dict(re.findall(r"^  (\w+) +(\S.*)$", capsys.readouterr().out, flags=re.MULTILINE))
    assert set(listed) == MEASUREMENTS
    assert bench.ON_THE_STACK < MEASUREMENTS


def test_another_name_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nosuch"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in MEASUREMENTS)


def test_commands_that_are_named_exist() -> None:
    for path in (path for place in PLACES for path in ROOT.glob(place)):
        text = path.read_text("utf-8")
        unknown = set(re.findall(r"make bench NAME=(\w+)", text)) - MEASUREMENTS
        unknown |= set(re.findall(r"`+make ([a-z-]+)", text)) - TARGETS
        assert not unknown, f"{path.relative_to(ROOT)}: {unknown}"
