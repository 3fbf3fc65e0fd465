"""Engines of older ClickHouse versions for the tests: PyPI's chdb, which runs inside a process and cannot listen.

Standard library only: the bootstrap reads this before the virtual environment exists.
"""

from __future__ import annotations

from pathlib import Path

from local.layout import ROOT, TOOLS

PINS = ROOT / "local" / "pins" / "old-engines.txt"


def packages() -> dict[str, Path]:
    """Return the folder of each pinned package, by requirement (``chdb==3.7.2``)."""
    lines = PINS.read_text("utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    return {requirement: TOOLS / "engines" / requirement for requirement in wanted if requirement}
