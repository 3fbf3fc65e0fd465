"""Rules that cannot be asked are a red task, but not while a server is away, which the feeds say."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jst.errors import Retry

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported


@pytest.mark.parametrize(
    ("failed", "away", "ending"),
    [(["sold_out"], False, "failed"), (["sold_out"], True, "success"), ([], False, "success"),
     (ValueError("a fault of ours"), False, "failed"),
     (Retry("控制库不可用", do="恢复", server="PostgreSQL"), False, "success")],
)  # fmt: skip
def test_what_no_feed_says_is_red(failed: list[str] | Exception, away: bool, ending: str) -> None:
    from jst.airflow.alert_trigger import AlertsTrigger

    class Quick(AlertsTrigger):
        every, patience = 0.01, 0.5

        def built(self, parts: Any) -> Any:
            return SimpleNamespace(run=run)

    looks: list[int] = []

    def run() -> list[str]:
        looks.append(1)
        if isinstance(failed, Exception):
            raise failed
        return failed

    troubles = SimpleNamespace(standing=lambda server: object() if away else None)
    parts: Any = SimpleNamespace(holds=SimpleNamespace(troubles=troubles))
    assert asyncio.run(Quick(longest=0.9)._look(parts)).payload == ending
    assert len(looks) > 4, "what fails once is tried again"
