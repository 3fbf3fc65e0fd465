"""An installation that changes from totals of stock to warehouses and back: by day, by night, and killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.errors import Refused, Retry
from jst.flow.backfill.business_day import Slice
from jst.model.certificate import Certificate
from jst.model.window import Window
from jst.model.words import StockKind
from jst.warehouse.day_compare import take_snapshot
from tests.support.branch_stock import as_kind, assert_equal_to_the_source, begin, follow, kinds, load, read
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.live_beside import ago
from tests.support.other_processes import Workers, line
from tests.support.search_depth import DEPTH
from tests.support.stock_change_process import POINTS, as_text
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
TODAY = datetime.now(SHANGHAI).date()
OTHER: dict[StockKind, StockKind] = {"total": "per_warehouse", "per_warehouse": "total"}
TRUTH = {"total": "inventory", "per_warehouse": "branch_stock"}


@pytest.fixture(params=DEPTH.first("openapi", "gateway"))
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """On a small shop that does nothing by itself, to be read warehouse by warehouse."""
    options = ("--skus", "60", "--orders-per-hour", "0")
    with house_in(request.param, stores, tmp_path / "erp", *options, stock="per_warehouse") as house:
        yield house


def test_a_used_installation_changes_from_totals_to_warehouses_and_back(
    house: House, clickhouse: dict[str, Any]
) -> None:
    yesterday, before = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
    with closing(as_kind(house, "total")) as totals:
        begin(totals)
        assert_equal_to_the_source(totals, clickhouse)
        assert kinds(house) == {"total"}
        totals.plans.add("inventory", "reconcile", "jst_reconcile", "r", Window(ago(house), ago(house)), ago(house),
                         keys=["K00001-01"])  # fmt: skip
        house.worker("inventory", "changed").catch_up()
        load(house)
        assert kinds(house) == {"total"}, "shown until the warehouses are loaded as a whole"
        with pytest.raises(Retry, match="旧的连接"):
            totals.worker("inventory", "of before").puller.warehouses.asked()
        take(house, before)
        follow(house, "changed")
        assert kinds(house) == {"per_warehouse"}
        assert_equal_to_the_source(house, clickhouse)
        take(house, yesterday)
        assert house.database.rows("SELECT count(*) FROM plan WHERE keys IS NOT NULL AND state = 'planned'") == [(0,)]
        load_again = house.loader("inventory")
        partitions = house.reader.bounds(load_again.module.topic)
        load_again.replay(partitions)
        assert kinds(house) == {"per_warehouse"}, "what Kafka has of the other kind is not loaded any more"
        with closing(as_kind(house, "total")) as back:
            follow(back, "back")
            follow(back, "back again")
        assert kinds(house) == {"total"}
        assert_equal_to_the_source(house, clickhouse)
    days = house.rows(
        "SELECT day, groupUniqArray(wms_co_id = 0) FROM dws.dws_inventory_day FINAL GROUP BY day ORDER BY day"
    )
    assert days == [(before, [1]), (yesterday, [0])]


def take(house: House, day: date) -> None:
    with house.load_lock.hold("inventory"):
        take_snapshot(house.warehouse, day, house.clock.now())


@pytest.mark.search
@pytest.mark.parametrize("house", DEPTH.first("gateway", "openapi"), indirect=True)
def test_a_change_killed_anywhere_never_shows_both_kinds_and_loses_nothing(
    house: House, clickhouse: dict[str, Any]
) -> None:
    """Each point kills the change to the other kind; what comes after the kill needs no hand."""
    kind: StockKind = "per_warehouse"
    begin(house)
    for point in [*POINTS, *reversed(POINTS)][: DEPTH.of(2, 99)]:
        before, kind = kind, OTHER[kind]
        with closing(as_kind(house, kind)) as changed, Workers(house.dsn) as workers:
            changed.skip(4) if POINTS[point].reads else read(changed, f"before {point}")
            process = workers.run(["-m", "tests.support.stock_change_process", point, as_text(changed)], house.dsn)
            reached = line(process)
            assert reached == point or kind == "total", "totals have no warehouses to be listed"
            process.kill()
            process.wait()
            (shown,) = kinds(house)
            assert shown in (before, kind), point
            assert count(house) == len(house.sandbox.truth(TRUTH[shown])), point
            follow(changed, f"after {point}")
            assert kinds(house) == {kind}, point
            assert_equal_to_the_source(changed, clickhouse)


def count(house: House) -> int:
    ((rows,),) = house.rows("SELECT count() FROM dws.dws_inventory FINAL")
    return int(rows)


@pytest.mark.parametrize("house", ["gateway"], indirect=True)
def test_a_night_waits_for_the_change_and_asks_for_a_slice_of_before_again(house: House) -> None:
    with closing(as_kind(house, "total")) as totals:
        begin(totals)
        pull(totals, "before")
        assert certify(totals, "before").state == "proven"
        pull(totals, "tonight")
    house.skip(4)
    house.worker("inventory", "changed").catch_up()
    with pytest.raises(Refused, match="正在改换口径"):
        certify(house, "tonight")
    follow(house, "changed")
    certificate = certify(house, "tonight")
    assert (certificate.state, len(certificate.reasons)) == ("open", 1)
    assert "这个切片读完之后库存改换了口径，请清除它和本任务" in certificate.reasons[0]
    pull(house, "tonight")
    again = certify(house, "tonight")
    assert (again.state, again.reasons) == ("proven", ())
    assert again.keys == count(house)


PART = Slice("inventory", "库存", "全部主键")


def pull(house: House, run_id: str) -> None:
    """Read all keys, as the night's slice does, or a cleared one again."""
    worker = house.worker("inventory", run_id)
    house.slice_pull(PART, "jst_backfill", run_id).run(worker, CertificateLog(house.database).now())


def certify(house: House, run_id: str) -> Certificate:
    return house.day_check("inventory", TODAY - timedelta(days=1), [PART], "jst_backfill", run_id).run()
