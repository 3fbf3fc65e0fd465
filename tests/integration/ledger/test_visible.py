"""Up to when data can be seen: what was read and lies in Kafka cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jst.control.database import Database
from jst.errors import Retry
from jst.ledger.facts import read
from jst.ledger.findings import findings, headline
from jst.model.module import module_names
from tests.support.database_time import pass_time
from tests.support.evening import Memory

pytestmark = pytest.mark.postgres


def test_what_lies_in_kafka_is_not_visible_until_it_is_loaded(database: Database) -> None:
    memory = Memory(database)
    memory.working()
    ahead = memory.batch("sale_out", -2, 40, loaded=False)
    memory.batch("sale_out", 40, 45, loaded=False)

    def visible() -> timedelta:
        marks = {(each.module, each.kind): each.value for each in read(database, module_names()).facts.marks}
        assert marks["sale_out", "read"] - memory.now == timedelta(seconds=45)
        return marks["sale_out", "visible"] - memory.now

    assert visible() == timedelta(seconds=-2)
    memory.plans.loaded("sale_out", [(ahead.plan_id, ahead.attempt)])
    assert visible() == timedelta(seconds=40)


def test_a_trouble_is_read_with_the_page_and_forgotten_when_nobody_tries(database: Database) -> None:
    memory = Memory(database)
    memory.working()
    memory.feeds.troubles.note("sale_out", "load", "run-1", Retry("ClickHouse 没有答复", do="等", server="ClickHouse"))
    pass_time(database, 100)
    ledger = read(database, module_names())
    assert headline(ledger, findings(ledger)).what == "ClickHouse 没有答复，销售出库在等，不会丢数据"
    pass_time(database, 1000)
    ledger = read(database, module_names())
    assert headline(ledger, findings(ledger)).level == "good"
