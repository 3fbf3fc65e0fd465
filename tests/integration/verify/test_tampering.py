"""Whatever single cell of a right wide table is changed, the comparison names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.verify.__main__ import main
from local.verify.addresses import Addresses
from local.verify.findings import Difference
from local.verify.run import Verification
from local.verify.subjects.sale_out import COLUMNS
from tests.integration.conftest import House, Sandbox

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
TABLE = "dws.dws_sale_out"
CENT = Decimal("0.01")


class Tamperer:
    """Changes one row of a table as a later insert does, and puts it back."""

    def __init__(self, house: House, table: str, where: str) -> None:
        self._warehouse, self._table = house.warehouse, table
        sql = f"SELECT * FROM {table} FINAL WHERE {where} ORDER BY cityHash64(modified, version) LIMIT 1"
        (row,), columns = self._warehouse.execute(sql, with_column_types=True)
        self.row: dict[str, Any] = dict(zip((name for name, _ in columns), row, strict=True))

    def insert(self, **cells: object) -> None:
        self._warehouse.execute(f"INSERT INTO {self._table} VALUES", [tuple({**self.row, **cells}.values())])

    @contextmanager
    def changed(self, **cells: object) -> Iterator[None]:
        self.insert(**cells)
        try:
            yield
        finally:
            self.insert(version=self.row["version"] + 1)


def other(value: Any) -> Any:
    """The smallest change a cell can suffer."""
    match value:
        case None:
            raise AssertionError("the row chosen has this cell")
        case str():
            return value + " "
        case Decimal():
            return value + CENT
        case int():
            return value + 1
        case date():
            return value + (timedelta(seconds=1) if hasattr(value, "hour") else timedelta(days=1))


def test_a_table_the_product_made_is_clean(
    filled: House,
    addresses: Callable[[Sandbox], Addresses],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_to(addresses(filled.sandbox), monkeypatch)
    assert main(["--wait", "1"]) == 0
    said = capsys.readouterr().out
    assert "结果：✓ 完全一致" in said
    rows, orders = filled.rows(f"SELECT count(), uniqExact(io_id) FROM {TABLE} FINAL")[0]
    assert orders > 150
    assert f"比较 {orders:,} 条记录、{rows:,} 行；缺失 0，多出 0，重复 0，不同 0" in said
    assert "dim.dim_sku：比较 200 条记录" in said


def test_every_odd_order_was_compared(filled: House) -> None:
    """Otherwise the clean result above would say nothing about them."""
    assert filled.rows(f"SELECT uniqExact(io_id) FROM {TABLE} FINAL WHERE startsWith(io_id, 'X')") == [(10,)]


@pytest.mark.parametrize(("column", "newer"), [(column, place % 2) for place, column in enumerate(COLUMNS)])
def test_a_changed_cell_is_found(filled: House, verification: Verification, column: str, newer: int) -> None:
    tamperer = Tamperer(filled, TABLE, f"isNotNull({column}) AND startsWith(io_id, 'CK') AND status = 'Confirmed'")
    with tamperer.changed(**{column: other(tamperer.row[column]), "version": tamperer.row["version"] + newer}):
        findings = verification.compare("sale_out")
    assert findings.kinds == {"不同": 1}
    (difference,) = findings.first
    assert (difference.table, difference.column) == (TABLE, column)
    assert difference.row == {"io_id": tamperer.row["io_id"], "line_id": tamperer.row["line_id"]}
    assert str(difference).startswith(f"不同 {TABLE} io_id={tamperer.row['io_id']} ")
    assert verification.compare("sale_out").clean


@pytest.mark.parametrize("column", ["created", "pay_date", "io_date", "modified"])
def test_a_time_that_got_lost_is_found(filled: House, verification: Verification, column: str) -> None:
    tamperer = Tamperer(filled, TABLE, f"isNotNull({column})")
    with tamperer.changed(**{column: None}):
        findings = verification.compare("sale_out")
    assert findings.columns == {column: 1}


def test_a_line_that_got_lost_is_found(filled: House, verification: Verification) -> None:
    tamperer = Tamperer(filled, TABLE, "sku_id != ''")
    with tamperer.changed(is_deleted=1):
        findings = verification.compare("sale_out")
    assert [(each.kind, each.row) for each in findings.first] == [("缺失", key_of(tamperer))]


def test_a_line_too_many_is_found(filled: House, verification: Verification) -> None:
    tamperer = Tamperer(filled, TABLE, "1")
    tamperer.insert(line_id="ghost")
    findings = verification.compare("sale_out")
    tamperer.insert(line_id="ghost", is_deleted=1)
    assert findings.first == [Difference("多出", TABLE, {"io_id": tamperer.row["io_id"], "line_id": "ghost"})]


def test_an_order_too_many_is_found(filled: House, verification: Verification) -> None:
    tamperer = Tamperer(filled, TABLE, "1")
    tamperer.insert(io_id="ghost")
    findings = verification.compare("sale_out")
    tamperer.insert(io_id="ghost", is_deleted=1)
    assert [(each.kind, each.row["io_id"]) for each in findings.first] == [("多出", "ghost")]


def test_a_line_stored_under_two_sort_keys_is_found(filled: House, verification: Verification) -> None:
    tamperer = Tamperer(filled, TABLE, "1")
    elsewhere = tamperer.row["key_time"] + timedelta(days=40)
    tamperer.insert(key_time=elsewhere)
    findings = verification.compare("sale_out")
    tamperer.insert(key_time=elsewhere, is_deleted=1)
    assert [(each.kind, each.row) for each in findings.first] == [("重复", key_of(tamperer))]


@pytest.mark.parametrize("column", ["i_id", "name", "category", "brand", "enabled"])
def test_a_changed_cell_of_the_dimension_is_found(filled: House, verification: Verification, column: str) -> None:
    tamperer = Tamperer(filled, "dim.dim_sku", "enabled = 1")
    with tamperer.changed(**{column: other(tamperer.row[column])}):
        findings = verification.compare("sku")
    assert [(each.row, each.column) for each in findings.first] == [({"sku_id": tamperer.row["sku_id"]}, column)]


def test_a_stale_label_is_told_and_not_judged(filled: House, verification: Verification) -> None:
    tamperer = Tamperer(filled, TABLE, "brand != ''")
    with tamperer.changed(brand="旧名"):
        assert verification.stale_labels() == {"sku_name": 0, "category": 0, "brand": 1, "shop_name": 0}
        assert verification.compare("sale_out").clean


def test_thousands_of_differences_are_counted_and_twenty_shown(
    house_of_cards: Tamperer,
    filled: House,
    addresses: Callable[[Sandbox], Addresses],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_to(addresses(filled.sandbox), monkeypatch)
    assert main(["--wait", "1"]) == 1
    said = capsys.readouterr().out
    assert "多出 25" in said
    assert said.count("✗ 多出 dws.dws_sale_out io_id=ghost") == 20
    assert "结果：✗ 有 25 处差异" in said


@pytest.fixture
def house_of_cards(filled: House) -> Iterator[Tamperer]:
    """25 orders the source knows nothing of."""
    tamperer = Tamperer(filled, TABLE, "1")
    for number in range(25):
        tamperer.insert(io_id=f"ghost{number}")
    yield tamperer
    for number in range(25):
        tamperer.insert(io_id=f"ghost{number}", is_deleted=1)


def key_of(tamperer: Tamperer) -> dict[str, str]:
    return {"io_id": tamperer.row["io_id"], "line_id": tamperer.row["line_id"]}


def point_to(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JST_ERP_URL", addresses.erp)
    monkeypatch.setenv("JST_CLICKHOUSE_HTTP", addresses.clickhouse)
    monkeypatch.setenv("JST_CLICKHOUSE_USER", addresses.clickhouse_user)
    monkeypatch.setenv("JST_CLICKHOUSE_PASSWORD", addresses.clickhouse_password)
    monkeypatch.setenv("JST_CONTROL_DSN", addresses.control)
