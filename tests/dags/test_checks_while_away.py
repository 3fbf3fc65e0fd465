"""``jst_checks`` while ClickHouse does not answer: green for what a feed says already, red when only it knows."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from jst.control.troubles import Standing
from jst.errors import JstError, Retry, Unproven

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
FROZEN = Standing("ClickHouse 没有答复", 40.0)
AWAY = Retry("ClickHouse 没有答复", do="等它恢复", server="ClickHouse")


class Parts:
    """The parts of the system with a round that ends as ``ends``; ``standing``: the feeds' troubles by server."""

    def __init__(self, ends: JstError, standing: dict[str, Standing]) -> None:
        self.ends = ends
        self.holds = SimpleNamespace(troubles=SimpleNamespace(standing=lambda *, server: standing.get(server)))

    def check_round(self) -> Parts:
        return self

    def run(self, *_: object, **__: object) -> Any:
        raise self.ends


@pytest.mark.parametrize(
    ("ends", "standing", "red"),
    [
        (AWAY, {"ClickHouse": FROZEN}, False),
        (AWAY, {}, True),
        (AWAY, {"Kafka": FROZEN}, True),
        (Retry("一项检查没有做完", do="重试"), {"": FROZEN}, True),
        (Unproven("宽表缺 3 行", do="对账"), {"ClickHouse": FROZEN}, True),
    ],
)
def test_checks_are_red_only_for_what_no_feed_says(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    ends: JstError, standing: dict[str, Standing], red: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(
        "jst.airflow.operators.checks.parts_from_connections", lambda: nullcontext(Parts(ends, standing))
    )
    task = dags["jst_checks"].get_task("run_checks")
    with pytest.raises(type(ends)) if red else nullcontext(), caplog.at_level(logging.WARNING):
        task.execute({"dag_run": SimpleNamespace(run_type="scheduled")})
    assert ("ClickHouse 没有答复：实时流已经报告，恢复后下一轮自动检查" in caplog.text) is not red
