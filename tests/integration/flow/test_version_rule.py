"""An installation that was written by the rule of versions before is put right by its first load, and asks again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from jst.clock import SHANGHAI
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.live_beside import ago, follow, put
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
FUTURE = datetime(2062, 1, 2, 12, tzinfo=SHANGHAI)


@pytest.fixture(params=DEPTH.first("openapi", "gateway"))
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """A shop without a past that does nothing by itself, read up to its present."""
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "10", "--orders-per-hour", "0") as house:
        follow(house)
        yield house


def test_a_row_of_the_future_that_shut_out_what_followed_is_put_right_and_asked_for_again(house: House) -> None:
    put(house, "sale_out", "1", ago(house), status="Cancelled")
    house.skip(4)
    follow(house)
    execute = house.warehouse.execute
    for table in ("dwd.dwd_sale_out", "dws.dws_sale_out"):
        execute(f"CREATE TEMPORARY TABLE old AS SELECT * FROM {table} FINAL WHERE io_id = '1'")
        execute(
            f"INSERT INTO {table} SELECT * REPLACE (toDateTime('{FUTURE:%F %T}', 'Asia/Shanghai') AS modified,"
            f" 'WaitConfirm' AS status, fetched_at - INTERVAL 1 HOUR AS fetched_at,"
            f" bitShiftLeft(toUInt64({int(FUTURE.timestamp())}), 32) + 1 AS version) FROM old"
        )
        execute("DROP TEMPORARY TABLE old")
    house.database.rows("UPDATE fence SET version_rule = 1")
    assert shown(house) == [("WaitConfirm",)]
    put(house, "sale_out", "2", ago(house))
    house.skip(4)
    follow(house)
    assert shown(house) in ([("WaitConfirm",)], [("Cancelled",)]), "never away meanwhile"
    tally = house.reconcile("sale_out", "round-1").run()
    assert shown(house) == [("Cancelled",)]
    assert house.database.rows("SELECT DISTINCT version_rule FROM fence WHERE module = 'sale_out'") == [(2,)]
    assert tally.requests > 0


def shown(house: House) -> list[tuple[str, ...]]:
    return [*house.rows("SELECT DISTINCT status FROM dws.dws_sale_out FINAL WHERE io_id = '1'")]
