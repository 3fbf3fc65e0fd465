"""Keys that cannot be asked for are found by other means, and letters are read again where no key is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jst.control.certificate_log import CertificateLog
from jst.control.reconcile_state import ReconcileState
from jst.flow.backfill.business_day import Slice
from jst.flow.backfill.slice_pull import SlicePull
from jst.ledger.facts import read as read_ledger
from jst.model.window import Window
from tests.support.dialects import WINDOWS_ONLY, house_in
from tests.support.house import House
from tests.support.letter_redrive import mend, run
from tests.support.live_beside import ago, follow, put
from tests.support.planted_orders import order, plan_state, plant, pull, shown
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture(params=["openapi"])
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """A small shop that does nothing by itself."""
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "40", "--orders-per-hour", "0") as house:
        yield house


def stock(house: House, sku_id: str) -> float:
    ((qty,),) = house.rows(f"SELECT toFloat64(qty) FROM dws.dws_inventory FINAL WHERE sku_id = '{sku_id}'")
    return float(qty)


def test_a_sku_with_a_comma_is_found_by_the_nights_sweep(house: House) -> None:
    past = ago(house, minutes=30)
    for sku_id, qty in (("RED,L", 7), ("RED", 3)):
        put(house, "inventory", sku_id, past, qty=qty)
    follow(house)
    house.first_load("inventory")
    assert (stock(house, "RED,L"), stock(house, "RED")) == (7, 3)
    house.warehouse.execute("ALTER TABLE dwd.dwd_inventory UPDATE qty = 1 WHERE sku_id LIKE 'RED%'")
    house.warehouse.execute("ALTER TABLE dws.dws_inventory UPDATE qty = 1 WHERE sku_id LIKE 'RED%'")
    certificates, part = CertificateLog(house.database), Slice("inventory", "库存", "全部主键")
    sweep = SlicePull(part, house.plans, certificates, house.warehouse, "jst_backfill", "tonight")
    sweep.run(house.worker("inventory", "tonight"), certificates.now())
    while house.loader("inventory").load_waiting():
        pass
    asked = {key for (keys,) in house.database.rows("SELECT keys FROM plan WHERE keys IS NOT NULL") for key in keys}
    assert "RED" in asked
    assert "RED,L" not in asked
    assert (stock(house, "RED,L"), stock(house, "RED")) == (7, 3)


def test_a_plan_by_key_with_a_key_that_cannot_be_asked_for_is_not_proven_and_names_it(house: House) -> None:
    put(house, "inventory", "RED", ago(house, minutes=30), qty=3)
    now = ago(house)
    plan = house.plans.add("inventory", "backfill", "jst_backfill", "night", Window(now, now), now, keys=["RED,L"])
    receipt = house.puller("inventory").pull(plan)
    assert receipt is not None
    assert (receipt.rows, receipt.proof) == (0, "")
    assert "RED,L" in receipt.reason


@pytest.mark.parametrize("house", ["gateway" + WINDOWS_ONLY], indirect=True)
def test_a_letter_is_read_again_with_its_window_where_no_key_is_answered(house: House) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    mend(house, window, "bad")
    run(house)
    assert plan_state(house) == ("open", "死信 1 条待处理"), "it is not taken for read"
    house.database.rows("UPDATE letter SET tried_at = tried_at - interval '1 day'")
    assert run(house, "night-2") == {"open": 0, "parked": 0}
    assert shown(house) == {"good", "bad"}
    assert plan_state(house) == ("proven", "")


@pytest.mark.parametrize("house", ["gateway" + WINDOWS_ONLY], indirect=True)
def test_a_gateway_that_is_updated_is_asked_by_key_again_a_day_later(house: House) -> None:
    put(house, "sale_out", "1001", ago(house, minutes=30))
    now = ago(house)

    def ask(run_id: str) -> bool:
        plan = house.plans.add("sale_out", "backfill", "jst_backfill", run_id, Window(now, now), now, keys=["1001"])
        return house.puller().pull(plan) is not None

    follow(house)
    assert not ask("today")
    marks = read_ledger(house.database, ["sale_out", "inventory"]).facts.marks
    assert {mark.module for mark in marks if mark.windows_only} == {"sale_out"}
    house.sandbox.standing = {}
    house.sandbox.faults()
    before = house.sandbox.get("stats")["requests"]
    assert not ask("an hour later")
    assert house.sandbox.get("stats")["requests"] == before
    house.database.rows("UPDATE key_refusal SET refused_at = refused_at - interval '25 hours'")
    assert ask("tomorrow")
    assert house.database.rows("SELECT count(*) FROM key_refusal") == [(0,)]


@pytest.mark.parametrize("house", ["gateway" + WINDOWS_ONLY], indirect=True)
def test_keys_an_earlier_round_wanted_are_looked_for_in_their_place_and_named(house: House) -> None:
    past = ago(house, minutes=30)
    for key in ("1001", "1002"):
        put(house, "sale_out", key, past)
    follow(house)
    house.first_load("sale_out")
    house.warehouse.execute(
        f"INSERT INTO dwd.dwd_sale_out (io_id, modified, version) VALUES ('GONE', '{past:%Y-%m-%d %H:%M:%S}', 1)"
    )
    now = ago(house)
    wanted = ["1001", "GONE", "never here"]
    house.plans.add("sale_out", "reconcile", "jst_reconcile", "earlier", Window(now, now), now, keys=wanted)
    house.reconcile("sale_out").run()
    assert [lost.key for lost in ReconcileState(house.database, "sale_out").lost()] == ["GONE"]
    assert house.database.rows("SELECT count(*) FROM plan WHERE keys IS NOT NULL") == [(0,)]
