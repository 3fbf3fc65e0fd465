"""A plan that alone fails is set aside: the feed goes on, and the plan is done when its time has come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jst.erp.client import Client
from jst.errors import Retry
from jst.flow.live.shift import Limits
from jst.model.window import Window
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.letter_redrive import run
from tests.support.planted_orders import complete, order, plant, pull, shown
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def poison(house: House, window: Window, monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """The source crashes over every question that includes the window's second."""
    asked = list[Window]()
    answer = Client.page

    def page(client: Any, module: Any, question: Window, index: int, **options: Any) -> Any:
        bad = question.start <= window.start <= question.end
        if bad:
            asked.append(question)
        house.sandbox.faults(**({"http_500": {}} if bad else {}))
        try:
            return answer(client, module, question, index, **options)
        finally:
            house.sandbox.faults()

    monkeypatch.setattr("jst.erp.client.Client.page", page)
    return asked


def test_a_plan_that_alone_fails_is_set_aside_and_the_feed_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = plant(house, order("poison"))
    asked = poison(house, window, monkeypatch)
    house.sandbox.post("put", {"module": "sale_out", "row": order("fresh")})
    watch = house.watch()
    for _ in range(2):
        with pytest.raises(Retry, match="HTTP 500"):
            watch.reason_to_start()
    assert "交给 pull 处理" in watch.reason_to_start()
    shift = house.shift()
    counts = shift.run(Limits(longest=60, quiet=6))
    assert counts["plans"] > 0
    assert "fresh" in shown(house)
    ((read, late, why),) = house.database.rows(
        """SELECT r.value, c.value, c.reason FROM watermark r JOIN watermark c USING (module)
           WHERE r.kind = 'read' AND c.kind = 'complete'"""
    )
    assert read > window.end
    assert late <= window.start
    assert "首页一直失败" in why
    assert "HTTP 500" in why
    tried = len(asked)
    house.shift(run_id="run-2").run(Limits(longest=5, quiet=2))
    assert len(asked) == tried  # live does not come back to it
    monkeypatch.undo()
    run(house)
    assert "poison" not in shown(house)  # not before its time
    house.database.rows("UPDATE plan SET not_before = clock_timestamp() WHERE not_before IS NOT NULL")
    run(house)
    assert "poison" in shown(house)
    assert complete(house) == house.plans.watermarks.value("sale_out", "read")


@pytest.fixture
def by_cursor(stores: Stores, tmp_path: Path) -> Iterator[House]:
    """An openapi shop that stands still."""
    with house_in("openapi", stores, tmp_path / "erp", "--skus", "1", "--orders-per-hour", "0") as house:
        house.sandbox.post("freeze")
        yield house


def numbered(number: int, **fields: Any) -> dict[str, Any]:
    return {**order(str(number)), "io_id": number, "o_id": number, **fields}


def test_a_cursor_steps_around_a_ts_the_source_cannot_answer(by_cursor: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = by_cursor
    house.first_load()
    start = house.plans.watermarks.cursor("sale_out")
    house.sandbox.post("put", {"module": "sale_out", "row": numbered(900_001)})
    answer = Client.since

    def since(client: Any, module: Any, ts: int, **options: Any) -> Any:
        house.sandbox.faults(**({"http_500": {}} if ts <= start + 1 else {}))
        try:
            return answer(client, module, ts, **options)
        finally:
            house.sandbox.faults()

    monkeypatch.setattr("jst.erp.client.Client.since", since)
    house.skip(3)  # what was put can be read now
    house.shift().run(Limits(longest=90, quiet=30, patience=600))
    for number in (900_002, 900_003):
        house.sandbox.post("put", {"module": "sale_out", "row": numbered(number)})
    house.skip(3)
    house.shift(run_id="run-2").run(Limits(longest=90, quiet=30, patience=600))
    assert shown(house) >= {"900002", "900003"}
    read = house.plans.watermarks.value("sale_out", "read")
    assert read is not None
    behind = complete(house)
    assert behind is not None
    assert behind < read
    monkeypatch.undo()
    house.database.rows("UPDATE plan SET not_before = clock_timestamp() WHERE not_before IS NOT NULL")
    run(house)
    assert shown(house) >= {"900001", "900002", "900003"}
    assert complete(house) == house.plans.watermarks.value("sale_out", "read")


def test_a_source_that_answers_nothing_sets_no_plan_aside(house: House) -> None:
    window = plant(house, order("a"))
    house.sandbox.faults(http_500={})
    with pytest.raises(Retry, match="HTTP 500"):
        house.shift().run(Limits(patience=0))
    for _ in range(4):
        with pytest.raises(Retry, match="HTTP 500"):
            pull(house, window)
    house.sandbox.faults()
    assert house.database.rows("SELECT DISTINCT origin, failures FROM plan") == [("live", 0)]
