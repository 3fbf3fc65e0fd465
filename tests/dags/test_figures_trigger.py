"""Figures that cannot be copied are a red task, but not while a server is away, which the feeds say."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jst.errors import Retry
from jst.warehouse.cluster import Away

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported

NO_TABLE = Retry("ClickHouse 不接受运行指标", do="运行 jst_schema", server="ClickHouse")
SILENT = Away("ClickHouse 没有答复", do="恢复它", server="ClickHouse")
NO_CONTROL = Retry("控制库不可用", do="恢复它", server="PostgreSQL")


@pytest.mark.parametrize(
    ("trouble", "ending"),
    [(NO_TABLE, "failed"), (SILENT, "success"), (NO_CONTROL, "success"), (ValueError("a fault of ours"), "failed")],
)
def test_what_no_feed_says_is_red(trouble: Exception, ending: str) -> None:
    from jst.airflow.triggers import FiguresTrigger

    class Quick(FiguresTrigger):
        every, patience = 0.01, 0.5

    tries: list[int] = []

    def copy() -> None:
        tries.append(1)
        if len(tries) > 2:
            raise trouble

    parts: Any = SimpleNamespace(figures=SimpleNamespace(copy=copy))
    event = asyncio.run(Quick(longest=0.9)._copy(parts))
    assert event.payload == ending
    assert len(tries) > 4, "what fails once is tried again"
