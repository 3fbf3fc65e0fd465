"""A past day read again: holes are closed, the certificate says what is known, other days stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.errors import Refused
from jst.flow.backfill.business_day import Slice, slices
from jst.flow.backfill.certify import DayCheck
from jst.flow.backfill.slice_pull import SlicePull
from jst.model.certificate import Certificate
from jst.model.module import load_module
from jst.workbook.shops import read_workbook, store_shops
from local.layout import SANDBOX_WORKBOOK
from local.verify.addresses import Addresses
from local.verify.run import Verification
from tests.support.dialects import WINDOWS_ONLY, house_in, load_all, read_all
from tests.support.house import House
from tests.support.kept_stores import KeptStores
from tests.support.live_beside import ago, put
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
MODULES = ("sale_out", "after_sale", "inventory")
TODAY = datetime.now(SHANGHAI).date()
WITHOUT_KEYS = DEPTH.first("gateway" + WINDOWS_ONLY, "openapi" + WINDOWS_ONLY)
DAYS = [TODAY - timedelta(days=number) for number in (3, 2, 1)]


@pytest.fixture(scope="module", params=DEPTH.first("openapi", "gateway"))
def loaded(
    request: pytest.FixtureRequest, stores: Stores, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, KeptStores]]:
    """A small quiet shop with four days of past, all of it loaded."""
    past = ("--history-days", "4", "--history-per-hour", "8", "--orders-per-hour", "0")
    with house_in(request.param, stores, tmp_path_factory.mktemp("erp"), "--skus", "80", *past) as house:
        store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
        read_all(house)
        for module in ("sku", "shop", "warehouse", *MODULES):
            house.first_load(module)
        with closing(KeptStores(house)) as kept:
            yield house, kept


@pytest.fixture
def house(loaded: tuple[House, KeptStores]) -> House:
    """On that shop, loaded as it was before other tests."""
    house, kept = loaded
    kept.put_back()
    house.sandbox.faults()
    return house


class Day:
    """One run of one day, as the DAG does it."""

    def __init__(self, house: House, day: date, run_id: str = "") -> None:
        self.house, self.day, self.run_id = house, day, run_id or f"scheduled__{day}"
        self.certificates = CertificateLog(house.database)
        self.began = self.certificates.now()

    def parts(self, module: str) -> list[Slice]:
        return slices(load_module(module), self.day, self.house.clock.now())

    def plans(self, part: Slice) -> list[str]:
        found = self.house.plans.of_run(part.module, "jst_backfill", part.run_id(self.run_id))
        return [plan.plan_id for plan in found]

    def pull(self, part: Slice, began: datetime | None = None) -> dict[str, int]:
        house = self.house
        pull = SlicePull(part, house.plans, self.certificates, house.warehouse, "jst_backfill", self.run_id)
        return pull.run(house.worker(part.module, self.run_id), began or self.began)

    def certify(self, module: str, parts: list[Slice] | None = None) -> Certificate:
        house = self.house
        check = DayCheck(
            load_module(module), self.day, parts or self.parts(module), house.plans, self.certificates,
            house.warehouse, house.loader(module), house.worker(module, self.run_id), house.clock, "jst_backfill",
            self.run_id,
        )  # fmt: skip
        certificate = check.run()
        self.certificates.issue(certificate, "jst_backfill", self.run_id)
        return certificate

    def run(self, *modules: str) -> dict[str, Certificate]:
        found = {}
        for module in modules or MODULES:
            parts = self.parts(module)
            for part in parts:
                self.pull(part)
            if parts:
                found[module] = self.certify(module, parts)
        return found


def tear(house: House, module: str, condition: str, *, layers: tuple[str, ...] = ("dwd", "dws")) -> list[str]:
    """Delete records from the warehouse; returns their keys."""
    key = load_module(module).key[0]
    keys = [found for (found,) in house.rows(f"SELECT {key} FROM dwd.dwd_{module} FINAL WHERE {condition}")]
    for layer in layers:
        house.warehouse.execute(f"DELETE FROM {layer}.{layer}_{module} WHERE {key} IN %(keys)s", {"keys": keys})
    assert keys
    return keys


def business(house: House, module: str, condition: str = "1") -> list[tuple[Any, ...]]:
    columns = "* EXCEPT (fetched_at, version)" + (" EXCEPT key_time" if module != "inventory" else "")
    rows = house.rows(f"SELECT {columns} FROM dws.dws_{module} FINAL WHERE {condition}")
    return sorted(rows, key=str)


def assert_equal_to_the_source(house: House, clickhouse: dict[str, Any]) -> None:
    house.freeze()
    read_all(house)
    load_all(house)
    url = f"http://{clickhouse['host']}:{clickhouse['http_port']}"
    addresses = Addresses(house.sandbox.url, url, clickhouse["user"], clickhouse["password"], house.dsn)
    verification = Verification(addresses, print)
    found = verification.run(freeze=False, wait=10)
    verification.close()
    assert [str(difference) for findings in found for difference in findings.first] == []


def test_a_backfill_over_three_days_closes_holes_and_says_so(house: House, clickhouse: dict[str, Any]) -> None:
    before = {module: business(house, module) for module in MODULES}
    first, second, yesterday = DAYS
    torn = tear(house, "sale_out", f"toDate(io_date) = '{first}'")
    torn += tear(house, "sale_out", f"toDate(modified) = '{second}' AND toHour(modified) BETWEEN 9 AND 11")
    tear(house, "sale_out", f"toDate(io_date) = '{yesterday}' AND cityHash64(io_id) % 3 = 0", layers=("dws",))
    tear(house, "after_sale", f"toDate(created) IN ('{first}', '{second}')")
    tear(house, "inventory", "cityHash64(sku_id) % 4 = 0")
    shipped = [row["io_id"] for row in house.sandbox.truth("sale_out") if row["io_date"]]
    touched = [key for key in torn if key in set(map(str, shipped))][::20]
    house.sandbox.post("touch", {"module": "sale_out", "keys": touched})
    complete = house.plans.watermarks.value("sale_out", "complete")
    assert touched

    found = {day: Day(house, day).run() for day in DAYS}

    states = {(day, module): str(it.state) for day in DAYS for module, it in found[day].items()}
    assert set(states.values()) == {"proven"}, [it.reasons for each in found.values() for it in each.values()]
    assert set(states) == {(day, module) for day in DAYS for module in MODULES[:2]} | {(yesterday, "inventory")}
    for day in DAYS:
        issued = {it.certificate.module: it.certificate for it in CertificateLog(house.database).of_day(day)}
        assert issued == found[day]
        orders = [row for row in house.sandbox.truth("sale_out") if str(row["io_date"]).startswith(str(day))]
        ((gmv,),) = house.rows(f"SELECT sum(gmv) FROM dws.dws_sale_out FINAL WHERE biz_day = '{day}'")
        assert found[day]["sale_out"].source_amount == found[day]["sale_out"].our_amount == gmv
        assert found[day]["sale_out"].keys >= len(orders) > 100
    # the watermark of the live feed is not the backfill's business
    assert house.plans.watermarks.value("sale_out", "complete") == complete
    # what the first load had read is as it was; it began in the midst of the first day
    for module in ("sale_out", "after_sale"):
        known = {row[0] for row in before[module]} - set(touched)
        assert [row for row in business(house, module) if row[0] in known] == [
            row for row in before[module] if row[0] in known
        ]
    assert_equal_to_the_source(house, clickhouse)


def test_clearing_a_slice_or_a_certificate_twice_changes_nothing(house: House) -> None:
    day = Day(house, DAYS[1])
    first = day.run("sale_out")["sale_out"]
    rows = business(house, "sale_out")
    parts = day.parts("sale_out")
    plans = [day.plans(part) for part in parts]
    for _ in range(2):
        assert day.pull(parts[2])["plans"] == len(plans[2]) > 0
        again = day.certify("sale_out", parts)
        assert (again.state, again.keys, again.our_amount) == ("proven", first.keys, first.our_amount)
    assert [day.plans(part) for part in parts] == plans
    assert business(house, "sale_out") == rows
    (issued,) = day.certificates.of_day(day.day)
    assert issued.number == 3


def test_a_slice_whose_turn_is_far_away_comes_back_for_the_plans_it_had_left(house: House) -> None:
    day = Day(house, DAYS[0])
    first, second, *_ = day.parts("sale_out")
    day.pull(first)
    house.database.rows("UPDATE budget SET next_at = clock_timestamp() + interval '5 minutes'")
    with pytest.raises(Refused) as refused:
        day.pull(second)
    assert refused.value.after > 60
    house.database.rows("UPDATE budget SET next_at = '-infinity'")
    certificate = day.certify("sale_out", [first, second])
    assert certificate.state == "open"
    (reason,) = certificate.reasons
    assert reason.startswith("io_date 04–08 点：")
    assert "没有拉取" in reason
    plans = day.plans(second)
    assert day.pull(second)["plans"] == len(day.plans(second)) > 0
    assert set(day.plans(second)) >= set(plans)
    assert day.certify("sale_out", [first, second]).state == "proven"


def test_what_only_the_warehouse_has_is_named(house: House) -> None:
    day = Day(house, DAYS[2])
    at = f"{DAYS[2]} 12:00:00"
    house.warehouse.execute(
        f"""INSERT INTO dwd.dwd_sale_out (io_id, key_time, io_date, modified, created, version)
            VALUES ('GHOST-1', '{at}', '{at}', '{at}', '{at}', 1)"""
    )
    certificate = day.run("sale_out")["sale_out"]
    assert certificate.state == "open"
    assert certificate.surplus == 1
    assert any("io_date 12–16 点" in reason and "GHOST-1" in reason for reason in certificate.reasons)


def test_a_letter_keeps_its_hours_open_until_it_is_mended_or_parked(house: House) -> None:
    day = Day(house, DAYS[2])
    orders = [row for row in house.sandbox.truth("sale_out") if str(row["io_date"]).startswith(f"{DAYS[2]} 05")]
    bad = str(orders[0]["io_id"])
    house.sandbox.faults(garbled_record={"form": "qty", "keys": [bad]})
    certificate = day.run("sale_out")["sale_out"]
    assert certificate.state == "open"
    assert any(reason.startswith("io_date 04–08 点") and "死信" in reason for reason in certificate.reasons)
    house.database.rows("UPDATE letter SET state = 'parked'")
    house.database.rows("UPDATE plan SET state = 'excepted' WHERE state = 'open'")
    parked = day.certify("sale_out")
    assert (parked.state, parked.exceptions, parked.surplus) == ("excepted", 1, 0)
    house.database.rows("UPDATE letter SET state = 'open'")
    house.sandbox.faults()
    for part in day.parts("sale_out"):
        day.pull(part)
    assert day.certify("sale_out").state == "proven"


def test_the_night_asks_for_every_sku_also_those_that_only_stock_and_orders_name(house: House) -> None:
    truth = {row["sku_id"]: row["name"] for row in house.sandbox.truth("sku")}
    lost = tear(house, "sku", "cityHash64(sku_id) % 4 = 0", layers=("dwd", "dim"))
    other = min(set(truth) - set(lost))
    house.warehouse.execute(f"ALTER TABLE dim.dim_sku UPDATE name = 'x' WHERE sku_id = '{other}'")
    assert len(house.rows("SELECT sku_id FROM dim.dim_sku FINAL")) == len(truth) - len(lost)
    found = Day(house, DAYS[-1]).run("sku")["sku"]
    assert (str(found.state), found.keys, found.missing) == ("proven", len(truth), 0), found.reasons
    assert dict(house.rows("SELECT sku_id, name FROM dim.dim_sku FINAL")) == truth


@pytest.mark.parametrize("loaded", WITHOUT_KEYS, indirect=True)
def test_a_source_that_answers_no_key_has_its_day_read_again_by_windows(
    house: House, clickhouse: dict[str, Any]
) -> None:
    yesterday = DAYS[-1]
    tear(house, "sale_out", f"toDate(io_date) = '{yesterday}' AND cityHash64(io_id) % 3 = 0", layers=("dws",))
    tear(house, "inventory", "cityHash64(sku_id) % 4 = 0")
    tear(house, "sku", "cityHash64(sku_id) % 4 = 0", layers=("dwd", "dim"))
    moved, at = "4711", f"{yesterday} 12:00:00"  # in the day's window, as far as we know; changed since then
    house.warehouse.execute(
        f"INSERT INTO dwd.dwd_sale_out (io_id, key_time, modified, created, version)"
        f" VALUES ('{moved}', '{at}', '{at}', '{at}', 1)"
    )
    put(house, "sale_out", moved, ago(house, minutes=2))
    found = Day(house, yesterday).run("sale_out", "inventory", "sku")
    assert {module: str(it.state) for module, it in found.items()} == dict.fromkeys(found, "proven"), found
    known = {module for (module,) in house.database.rows("SELECT module FROM key_refusal")}
    assert known == {"sale_out", "inventory", "sku"}
    assert house.database.rows("SELECT count(*) FROM plan WHERE keys IS NOT NULL") == [(0,)]
    assert_equal_to_the_source(house, clickhouse)
