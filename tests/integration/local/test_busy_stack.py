"""A measurement of the running stack gets the load its figures are about, and leaves the shop as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.instruments import running_stack
from local.layout import Layout, Ports, Secrets
from tests.support.sandbox import Sandbox


def test_the_shop_sells_evenly_while_it_is_measured_and_by_its_rhythm_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path / "erp", "--skus", "1", "--rhythm", "120")
    layout = Layout(tmp_path, replace(Ports(), erp=sandbox.port), Secrets())
    monkeypatch.setattr(running_stack, "running_layout", lambda why: layout)

    def pace() -> tuple[float, bool]:
        stats = sandbox.get("stats")
        return stats["orders_per_hour"], stats["rhythm"]

    try:
        with running_stack.busy_stack("why"):
            assert pace() == (50_000, False)
        assert pace() == (120, True)
    finally:
        sandbox.close()
