"""Whatever cell or row of a right table is changed, the comparison names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.verify.__main__ import main
from local.verify.addresses import Addresses
from local.verify.known import Known
from local.verify.problem import CannotCompare
from local.verify.run import Verification
from local.verify.subject import Subject
from local.verify.subjects import subjects
from local.verify.waiting import Patience, until_first_loaded
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.verify_environment import point_to

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
SUBJECTS = {subject.module: subject for subject in subjects(Known())}
EVERY = pytest.mark.parametrize("module", SUBJECTS)
CENT = Decimal("0.01")
Row = dict[str, Any]


class Tamperer:
    """Changes rows of a table as later inserts do, and puts them back."""

    def __init__(self, house: House, module: str) -> None:
        self._warehouse, self.subject = house.warehouse, SUBJECTS[module]
        key = self.subject.key[0]
        # Rows put in by hand have their own oddities; here every ordinary cell has one right value.
        sql = f"""SELECT * FROM {self.subject.table} FINAL WHERE NOT startsWith(toString({key}), 'X')
                  ORDER BY cityHash64({", ".join(self.subject.key)})"""
        rows, columns = self._warehouse.execute(sql, with_column_types=True)
        self.types = dict(columns)
        self.rows: list[Row] = [dict(zip(self.types, row, strict=True)) for row in rows]

    def insert(self, rows: Iterable[Row]) -> None:
        self._warehouse.execute(
            f"INSERT INTO {self.subject.table} VALUES", [tuple(row[name] for name in self.types) for row in rows]
        )

    def remove(self, row: Row) -> None:
        """As if it had never been there."""
        where = " AND ".join(f"{name} = %({name})s" for name in self.subject.key)
        self._warehouse.execute(
            f"ALTER TABLE {self.subject.table} DELETE WHERE {where} SETTINGS mutations_sync = 2", row
        )

    @contextmanager
    def changed(self, before: list[Row], after: list[Row]) -> Iterator[None]:
        self.insert(after)
        try:
            yield
        finally:
            self.insert({**row, "version": row["version"] + 1} for row in before)


def other(value: Any) -> Any:
    """The smallest change a cell can suffer."""
    match value:
        case str():
            return value + " "
        case Decimal():
            return value + CENT
        case int():
            return value + 1
        case date():
            return value + (timedelta(seconds=1) if hasattr(value, "hour") else timedelta(days=1))
    raise AssertionError("the row chosen has this cell")


def named(subject: Subject, row: Row) -> dict[str, str]:
    return {name: str(row[name]) for name in subject.key}


def test_tables_the_product_made_are_clean_and_complete(
    filled: House,
    addresses: Callable[[Sandbox], Addresses],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_to(addresses(filled.sandbox), monkeypatch)
    assert main(["--wait", "5"]) == 0
    said = capsys.readouterr().out
    assert "结果：✓ 完全一致" in said
    assert "首次装载还差" not in said
    assert "没有比较规则" not in said
    assert "标签与维表不同的宽表行（不算差异，下次重写标签时更新）：0" in said
    for subject in SUBJECTS.values():
        rows, records = filled.rows(f"SELECT count(), uniqExact({subject.key[0]}) FROM {subject.table} FINAL")[0]
        assert records == len(filled.sandbox.truth(subject.module))
        assert f"{subject.table}：比较 {records:,} 条记录、{rows:,} 行；缺失 0，多出 0，重复 0，不同 0" in said


def test_there_was_something_to_compare(filled: House) -> None:
    """Otherwise the clean result above would say little."""
    for table, key, odd in (
        ("dws_sale_out", "io_id", 10),
        ("dws_after_sale", "as_id", 7),
        ("dws_inventory", "sku_id", 3),
    ):
        assert filled.rows(f"SELECT uniqExact({key}) FROM dws.{table} FINAL WHERE startsWith({key}, 'X')") == [(odd,)]
    ((statuses,),) = filled.rows("SELECT groupUniqArray(status) FROM dws.dws_after_sale FINAL")
    assert set(statuses) == {"待审核", "已收货", "已退款", "已取消", "未知"}
    assert filled.rows("SELECT count() FROM dws.dws_sale_out FINAL")[0][0] > 300


@EVERY
def test_every_changed_cell_is_found_and_named(filled: House, verification: Verification, module: str) -> None:
    tamperer = Tamperer(filled, module)
    before, after, wanted = [], [], set()
    for place, column in enumerate(tamperer.subject.columns):
        index = next(n for n, row in enumerate(tamperer.rows) if row[column] is not None)
        row = tamperer.rows.pop(index)
        before.append(row)
        after.append({**row, column: other(row[column]), "version": row["version"] + place % 2})
        wanted.add((*named(tamperer.subject, row).values(), column))
    with tamperer.changed(before, after):
        findings = verification.compare(module)
    assert findings.kinds == {"不同": len(wanted)}
    assert findings.columns == dict.fromkeys(tamperer.subject.columns, 1)
    assert {(*each.row.values(), each.column) for each in findings.first} <= wanted
    assert verification.compare(module).clean


@EVERY
def test_a_time_or_number_that_got_lost_is_found(filled: House, verification: Verification, module: str) -> None:
    tamperer = Tamperer(filled, module)
    before, after = [], []
    for column in tamperer.subject.columns:
        if tamperer.types[column].startswith("Nullable"):
            index = next(n for n, row in enumerate(tamperer.rows) if row[column] is not None)
            row = tamperer.rows.pop(index)
            before.append(row)
            after.append({**row, column: None})
    with tamperer.changed(before, after):
        findings = verification.compare(module)
    assert findings.kinds.total() == len(before)


@EVERY
def test_rows_lost_and_rows_too_many_are_found(filled: House, verification: Verification, module: str) -> None:
    tamperer = Tamperer(filled, module)
    key, *line = tamperer.subject.key
    lost, copied, again = tamperer.rows[:3]
    ghosts = [{**copied, key: 10**9 if isinstance(copied[key], int) else "ghost"}]
    if line:
        ghosts.append({**again, line[0]: 10**9 if isinstance(again[line[0]], int) else "ghost"})
    tamperer.insert(ghosts)
    tamperer.remove(lost)
    findings = verification.compare(module)
    for ghost in ghosts:
        tamperer.remove(ghost)
    tamperer.insert([lost])
    wanted = [("缺失", named(tamperer.subject, lost)), *(("多出", named(tamperer.subject, row)) for row in ghosts)]
    assert sorted((each.kind, *each.row.values()) for each in findings.first) == sorted(
        (kind, *row.values()) for kind, row in wanted
    )
    assert verification.compare(module).clean


@pytest.mark.parametrize("module", ["sale_out", "after_sale"])
def test_a_line_stored_under_two_sort_keys_is_found(filled: House, verification: Verification, module: str) -> None:
    tamperer = Tamperer(filled, module)
    row = tamperer.rows[0]
    elsewhere = {**row, "key_time": row["key_time"] + timedelta(days=40)}
    tamperer.insert([elsewhere])
    findings = verification.compare(module)
    tamperer.insert([{**elsewhere, "is_deleted": 1}])
    assert [(each.kind, each.row) for each in findings.first] == [("重复", named(tamperer.subject, row))]


@pytest.mark.parametrize("module", [module for module, subject in SUBJECTS.items() if subject.labels])
def test_a_stale_label_is_told_and_not_judged(filled: House, verification: Verification, module: str) -> None:
    tamperer = Tamperer(filled, module)
    told = [label for label in tamperer.subject.labels if label not in tamperer.subject.columns]
    if module == "inventory":
        told.remove("warehouse_name")  # the total over all warehouses is no warehouse of the dimension
    before = tamperer.rows[: len(told)]
    after = [{**row, label: 7 if label == "enabled" else "旧名"} for row, label in zip(before, told, strict=True)]
    with tamperer.changed(before, after):
        assert verification.stale_labels() == {tamperer.subject.table: dict.fromkeys(told, 1)}
        assert verification.compare(module).clean


def test_a_first_load_under_way_is_said_and_what_it_owes_is_not_asked_for(
    filled: House,
    verification: Verification,
    addresses: Callable[[Sandbox], Addresses],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_to(addresses(filled.sandbox), monkeypatch)
    tamperer = Tamperer(filled, "inventory")
    ((live_since,),) = filled.database.rows(
        "SELECT window_to FROM plan WHERE module = 'inventory' AND origin = 'initial'"
    )
    lost = next(row for row in tamperer.rows if row["modified"] < live_since)
    tamperer.remove(lost)
    _initial(filled, "planned")
    try:
        assert main(["--wait", "0"]) == 0
        said = capsys.readouterr().out
        assert "inventory 的首次装载还差 1 个计划" in said
        assert "（1 条早于实时流起点" in said
        with pytest.raises(CannotCompare, match="inventory 的首次装载还差 1 个计划"):
            until_first_loaded(verification.control, list(SUBJECTS), Patience(0, print))
    finally:
        _initial(filled, "proven")
    assert main(["--wait", "0"]) == 1
    assert f"✗ 缺失 dws.dws_inventory sku_id={lost['sku_id']}" in capsys.readouterr().out
    tamperer.insert([lost])


def _initial(house: House, state: str) -> None:
    house.database.rows(
        "UPDATE plan SET state = %(state)s WHERE module = 'inventory' AND origin = 'initial'", state=state
    )


def test_a_refresh_that_is_read_and_not_loaded_is_no_difference(filled: House, verification: Verification) -> None:
    filled.sandbox.post("touch", {"module": "sku", "keys": [filled.sandbox.truth("sku")[0]["sku_id"]]})
    filled.skip(4)
    filled.worker("sku").catch_up()
    with pytest.raises(CannotCompare, match="没有装载完：sku 的待拉取 planned 0，待装载 pulled 1"):
        verification.compare("sku")
    filled.loader("sku").load_waiting()
    assert verification.compare("sku").clean


def test_thousands_of_differences_are_counted_and_twenty_shown(
    filled: House,
    addresses: Callable[[Sandbox], Addresses],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_to(addresses(filled.sandbox), monkeypatch)
    tamperer = Tamperer(filled, "sale_out")
    ghosts = [{**tamperer.rows[0], "io_id": f"ghost{number}"} for number in range(25)]
    tamperer.insert(ghosts)
    assert main(["--wait", "0"]) == 1
    tamperer.insert({**ghost, "is_deleted": 1} for ghost in ghosts)
    said = capsys.readouterr().out
    assert "多出 25" in said
    assert said.count("✗ 多出 dws.dws_sale_out io_id=ghost") == 20
    assert "结果：✗ 有 25 处差异" in said
