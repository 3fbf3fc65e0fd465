"""What boards say of how far their data are, from the control database."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.data_marks import MarkReader
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.metrics.catalogue import Period

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
DAY = date(2026, 3, 8)


def put(database: Database, sql: str, **values: object) -> None:
    database.rows(f"{sql} RETURNING 1", **values)


@pytest.fixture
def marks(database: Database, postgres_dsn: str) -> MarkReader:
    for module, kind, at in (
        ("sale_out", "read", NOW), ("sale_out", "complete", NOW - timedelta(minutes=2)),
        ("after_sale", "read", NOW - timedelta(minutes=1)),
    ):  # fmt: skip
        put(
            database, "INSERT INTO watermark (module, kind, value) VALUES (%(m)s, %(k)s, %(v)s)", m=module, k=kind, v=at
        )
    put(database, "INSERT INTO mart_day (module, day, mark, marked_at) VALUES ('sale_out', %(d)s, 5, %(at)s)",
        d=DAY, at=NOW - timedelta(minutes=9))  # fmt: skip
    degraded = "INSERT INTO degradation (module, since, reason, due_at) VALUES ('after_sale', %(at)s, '429', %(at)s)"
    put(database, degraded, at=NOW)
    return MarkReader(lambda: postgres_dsn, MovedClock(NOW))


def test_a_board_is_as_old_as_the_slowest_of_what_it_is_made_of(marks: MarkReader) -> None:
    found = marks()
    assert found.visible({"sale_out"}) == NOW
    assert found.visible({"sale_out", "after_sale"}) == NOW - timedelta(minutes=1)
    assert found.visible({"sale_out"}, Period(DAY, DAY, NOW)) == NOW - timedelta(minutes=9)
    assert found.visible({"sale_out"}, Period(DAY - timedelta(days=1), DAY - timedelta(days=1), NOW)) == NOW
    assert found.complete({"sale_out"}) == NOW - timedelta(minutes=2)
    assert found.complete({"sale_out", "after_sale"}) is None
    assert found.degraded({"sale_out", "after_sale"}) == ["after_sale"]
    assert found.unread({"sale_out", "inventory"}) == ["inventory"]
