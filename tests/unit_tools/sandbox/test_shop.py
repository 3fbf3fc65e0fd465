"""The shop lives, stands still, commits late, tells the truth and goes on after a restart."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from local.sandbox.history import History
from local.sandbox.kinds import KINDS
from local.sandbox.store import Store, Unusable
from local.sandbox.world import WAREHOUSES
from tests.support.sandbox_driver import SKUS, Driver, by_key


def test_orders_come_in_at_the_rate_asked_for(erp: Driver) -> None:
    erp.run(30)
    assert len(erp.truth()) == 300
    erp.post("orders_per_hour", value=7200)
    erp.run(30)
    assert len(erp.truth()) == 360


def test_orders_live(erp: Driver) -> None:
    """Shipped, cancelled, deleted; lines vanish and change; modified moves with every change."""
    erp.run(40)
    before = by_key(erp.truth())
    erp.post("orders_per_hour", value=0)
    erp.run(700)
    after = by_key(erp.truth())
    statuses = Counter(row["status"] for row in after.values())
    assert statuses["Confirmed"] > 350
    assert min(statuses["Cancelled"], statuses["Delete"]) > 5
    assert all(bool(row["io_date"]) for row in after.values() if row["status"] == "Confirmed")
    changed = [key for key in after if after[key] != before[key]]
    assert all(after[key]["modified"] > before[key]["modified"] for key in changed)
    assert any(len(after[key]["items"]) < len(before[key]["items"]) for key in changed)
    assert any(
        [line["qty"] for line in after[key]["items"]] > [line["qty"] for line in before[key]["items"]]
        for key in changed
    )


def test_orders_are_of_every_sort(erp: Driver) -> None:
    erp.run(120)
    rows = erp.truth()
    lines = [line for row in rows for line in row["items"]]
    assert {len(row["items"]) for row in rows} >= {0, 1, 2, 3, 4}
    assert any(line["qty"] < 0 for line in lines)
    assert any(line["is_gift"] and line["price"] == 0 for line in lines)
    assert any(line["combine_sku_id"] for line in lines)
    assert {row["shop_id"] for row in rows} == set(range(101, 113))
    assert len({row["wms_co_id"] for row in rows}) == 5
    assert len({line["ioi_id"] for line in lines}) == len(lines)


def test_money_is_written_to_the_cent(busy: Driver) -> None:
    for row in busy.truth():
        for amount in (row["pay_amount"], row["paid_amount"], row["free_amount"], row["freight"]):
            assert isinstance(amount, Decimal)
            assert amount.as_tuple().exponent == -2


def test_skus_are_changed_now_and_then(erp: Driver) -> None:
    before = by_key(erp.truth("sku"), "sku_id")
    erp.post("orders_per_hour", value=0)
    erp.run(300)
    changed = [row for row in erp.truth("sku") if row != before[row["sku_id"]]]
    assert 3 <= len(changed) <= 10
    assert all(row["modified"] >= "2026-03-02 09:00:00" for row in changed)


def test_a_frozen_shop_stands_still_and_every_reader_sees_the_same(busy: Driver) -> None:
    frozen = busy.post("freeze")
    truth = busy.truth()
    busy.run(100)
    assert busy.truth() == truth
    assert by_key(busy.rows()) == by_key(truth)
    assert frozen["rows"] == {module: len(busy.truth(module)) for module in KINDS}
    assert (frozen["rows"]["sale_out"], frozen["rows"]["sku"], frozen["rows"]["shop"]) == (len(truth), 40, 12)
    assert frozen["newest_modified"]["sale_out"] == max(row["modified"] for row in truth)
    busy.post("thaw")
    busy.run(1)
    assert len(busy.truth()) == len(truth) + 10


def test_truth_can_begin_at_a_time(busy: Driver) -> None:
    newest = max(row["modified"] for row in busy.truth())
    assert {row["modified"] for row in busy.truth(query=f"?modified_from={newest}")} == {newest}


def test_a_late_commit_is_seen_below_rows_seen_before(erp: Driver) -> None:
    erp.fault(commit_lag={"share": 1, "seconds": 60})
    erp.post("put", module="sale_out", row={"io_id": "late"})
    written = erp.now
    erp.fault()
    erp.run(59)
    assert erp.rows(io_ids=["late"]) == []
    assert erp.truth()
    erp.now = written + 60
    erp.shop.tick()
    (row,) = erp.rows(io_ids=["late"])
    assert row["modified"] == "2026-03-02 09:00:00"


def test_late_commits_come_at_different_times(erp: Driver) -> None:
    erp.shop.per_hour = 0
    erp.fault(commit_lag={"share": 1, "seconds": 60, "spread": 60})
    for number in range(40):
        erp.post("put", module="sale_out", row={"io_id": f"late-{number}"})
    seen = list[int]()
    for seconds in (59, 31, 31):
        erp.now += seconds
        erp.shop.tick()
        seen.append(len(erp.truth()))
    assert seen[0] == 0
    assert 0 < seen[1] < seen[2] == 40


def test_a_late_change_shows_the_old_row_until_it_lands(erp: Driver) -> None:
    key = erp.post(
        "put", module="sale_out", row={"io_id": "A", "status": "WaitConfirm", "modified": "2026-03-01 10:00:00"}
    )
    erp.fault(commit_lag={"share": 1, "seconds": 60})
    erp.post("put", module="sale_out", row={"io_id": "A", "status": "Confirmed"})
    assert erp.rows(io_ids=[key["key"]])[0]["status"] == "WaitConfirm"
    erp.post("freeze")
    assert erp.rows(io_ids=["A"])[0]["status"] == "Confirmed"


def test_a_row_planted_in_a_frozen_shop_is_there_at_once(erp: Driver) -> None:
    erp.post("freeze")
    erp.fault(commit_lag={"share": 1, "seconds": 60})
    erp.post("put", module="sale_out", row={"io_id": "A"})
    assert erp.rows(io_ids=["A"])


def test_a_newer_change_never_commits_before_an_older_one_of_the_same_row(erp: Driver) -> None:
    erp.shop.per_hour = 0
    erp.fault(commit_lag={"share": 1, "seconds": 60})
    erp.post("put", module="sale_out", row={"io_id": "A", "status": "first"})
    erp.fault()
    erp.post("put", module="sale_out", row={"io_id": "A", "status": "second"})
    erp.run(120)
    assert erp.rows(io_ids=["A"])[0]["status"] == "second"


def test_a_busy_shop_with_late_commits_loses_nothing(erp: Driver) -> None:
    erp.fault(commit_lag={"share": 0.3, "seconds": 5})
    erp.run(60)
    assert len(erp.truth()) < 600
    erp.post("freeze")
    assert len(erp.truth()) == 600


def test_touch_moves_modified_only(busy: Driver) -> None:
    row = busy.truth()[0]
    busy.now += 1000
    assert busy.post("touch", module="sale_out", keys=[row["io_id"], "nobody"]) == {"touched": 1, "missing": ["nobody"]}
    (touched,) = busy.rows(io_ids=[row["io_id"]])
    assert touched == {**row, "modified": "2026-03-02 09:17:00"}
    assert touched["modified"] > row["modified"]


def test_a_planted_row_is_kept_as_given_and_left_alone(busy: Driver) -> None:
    odd = {"o_id": 5, "items": [{"qty": "12.5000"}], "modified": "2026-03-0209:00:01", "pay_amount": ""}
    assert busy.post("put", module="sale_out", row=odd) == {"key": "5"}
    replaced = busy.truth()[-1]["io_id"]
    busy.post("put", module="sale_out", row={"io_id": replaced, "items": None})
    busy.post("put", module="sku", row={"sku_id": "odd", "enabled": 1})
    busy.run(100)
    planted = {row.get("io_id") or row["o_id"]: row for row in busy.truth() if "status" not in row}
    assert planted[5] == odd
    assert planted[replaced]["items"] is None
    assert busy.rows(SKUS, sku_ids=["odd"])[0]["enabled"] == 1


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("put", {"module": "nothing", "row": {}}),
        ("put", {"module": "sku"}),
        ("touch", {"module": "sku"}),
        ("orders_per_hour", {}),
    ],
)
def test_a_control_order_that_cannot_be_obeyed_says_why(erp: Driver, path: str, order: dict[str, object]) -> None:
    answer = erp.send("POST", f"/sandbox/{path}", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_restart_goes_on_with_the_same_shop(tmp_path: Path) -> None:
    first = Driver(tmp_path)
    first.run(30)
    first.post("freeze")
    truth, skus = first.truth(), first.truth("sku")
    first.store.close()

    second = Driver(tmp_path, now=first.now + 600)
    assert (second.truth(), second.truth("sku")) == (truth, skus)
    assert second.send("GET", "/sandbox/health").json()["frozen"] is True
    second.post("thaw")
    second.run(60)
    rows = by_key(second.truth())
    assert len(rows) == 300 + 600
    assert Counter(rows[row["io_id"]]["status"] for row in truth)["Confirmed"] > 270
    second.store.close()


def test_a_shop_founded_with_fewer_branches_gets_the_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr("local.sandbox.kinds.warehouse.WAREHOUSES", WAREHOUSES[:3])
        old = Driver(tmp_path)
    old.post("put", module="shop", row={"shop_id": 103, "shop_name": "抖音新店"})
    assert len(old.truth("warehouse")) == 3
    old.store.close()
    new = Driver(tmp_path)
    assert len(new.truth("warehouse")) == 5
    assert {"shop_id": 103, "shop_name": "抖音新店"} in new.truth("shop")
    assert len(new.truth("shop")) == 12
    new.store.close()


def test_what_a_reader_saw_survives_a_killed_process(erp: Driver, tmp_path: Path) -> None:
    """The files as they lie there while the process runs are what a kill leaves behind."""
    erp.run(10)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("shop.sqlite*"):
        (copy / file.name).write_bytes(file.read_bytes())
    after = Driver(copy)
    assert after.truth() == erp.truth()
    after.store.close()


def test_one_folder_belongs_to_one_sandbox(erp: Driver, tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        Store(tmp_path)


def test_an_idle_night_does_not_become_a_burst(erp: Driver) -> None:
    erp.now += 36_000
    erp.shop.tick()
    assert len(erp.truth()) == 10


def test_a_past_is_over_and_spread_over_its_days(tmp_path: Path) -> None:
    shop = Driver(tmp_path, history=History(days=3, per_hour=10))
    orders, returned = shop.truth(), shop.truth("after_sale")
    days = Counter(row["modified"][:10] for row in orders)
    assert len(orders) == 720
    assert {"2026-02-27", "2026-02-28", "2026-03-01"} <= set(days)
    assert min(days["2026-02-28"], days["2026-03-01"]) > 200
    assert {row["status"] for row in orders} == {"Confirmed", "Delete", "Cancelled"}
    assert max(row["modified"] for row in orders + returned) < "2026-03-02 09:00:00"
    assert 10 < len(returned) < 80
    assert {row["io_id"] for row in returned} <= set(by_key(orders))
    shop.run(2)
    assert len(by_key(shop.truth())) == 740
    shop.store.close()
