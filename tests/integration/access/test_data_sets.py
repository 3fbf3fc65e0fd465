"""The data sets people build in 瓴羊BI: every column and formula is run on the engine as lingyang_bi."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from clickhouse_driver import Client

from jst.model.module import INCLUDE
from tests.support.guarded_clickhouse import Guarded

pytestmark = pytest.mark.clickhouse
FILES = sorted((INCLUDE / "config" / "lingyang").glob("*.yaml"))
SOLD = "INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, sku_id, biz_day, qty, is_shipped, version) VALUES"
REFUNDED = """INSERT INTO dws.dws_after_sale (as_id, line_id, shop_id, sku_id, refund_date, status, version)
    SELECT arrayJoin(['r', 's']) AS as_id, '1', 104, 'X', toDateTime('2001-01-02 10:00:00', 'Asia/Shanghai'),
        if(as_id = 'r', '已退款', '已取消'), 1"""


@pytest.fixture
def bi(guarded: Guarded) -> Iterator[Client]:
    """The rows a test adds are of SKUs of its own and go with it."""
    with guarded.as_user("lingyang_bi") as client:
        yield client
    for table in ("dws.dws_sale_out", "dws.dws_after_sale", "dws.dws_inventory", "dim.dim_sku"):
        guarded.etl.execute(f"DELETE FROM {table} WHERE match(sku_id, '^[TXY]')")


def read(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return facts


def source(facts: dict[str, Any]) -> str:
    return facts["table"] if "table" in facts else f"({facts['sql']})"


def shown(bi: Client, facts: dict[str, Any]) -> set[str]:
    """Columns as a BI tool is told of them: a table's from system.columns, which leaves closed ones out."""
    if "sql" in facts:
        return {row[0] for row in bi.execute(f"DESCRIBE {source(facts)}")}
    rows = bi.execute(
        "SELECT name FROM system.columns WHERE database || '.' || table = %(table)s", {"table": facts["table"]}
    )
    return {name for (name,) in rows}


def named(facts: dict[str, Any]) -> dict[str, str]:
    return {**facts["dimensions"], **facts["measures"], **facts.get("only_in_formulas", {})}


def in_columns(facts: dict[str, Any], formula: str) -> str:
    """A formula of 瓴羊BI with the columns behind its Chinese names."""
    columns = {name: column for column, name in named(facts).items()}
    return re.sub(r"\[(.+?)\]", lambda found: f"`{columns[found[1]]}`", formula)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_data_set_names_every_column_once(bi: Client, path: Path) -> None:
    facts = read(path)
    assert set(named(facts)) | set(facts["left_out"]) == shown(bi, facts)
    names = [*named(facts).values(), *facts["computed"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_formula_runs(bi: Client, path: Path) -> None:
    facts = read(path)
    where = in_columns(facts, facts["filter"]) or "1"
    formulas = ", ".join(in_columns(facts, formula) for formula in facts["computed"].values())
    columns = ", ".join(f"`{column}`" for column in facts["dimensions"] | facts["measures"])
    assert len(bi.execute(f"SELECT {formulas} FROM {source(facts)} WHERE {where}")) == 1
    bi.execute(f"SELECT {columns} FROM {source(facts)} WHERE {where} LIMIT 1")


def asked(bi: Client, stem: str, computed: str, where: str) -> Any:
    facts = read(next(path for path in FILES if path.stem == stem))
    formula = in_columns(facts, facts["computed"][computed])
    ((value,),) = bi.execute(f"SELECT {formula} FROM {source(facts)} WHERE {where}")
    return None if value is None else round(float(value), 4)


def test_after_sale_rate_by_hand(guarded: Guarded, bi: Client) -> None:
    """Four orders shipped, one of them with two SKUs; two refunds that day, of which one is cancelled."""
    day = date(2001, 1, 2)
    lines = [("a", "1", "X"), ("a", "2", "Y"), ("b", "1", "X"), ("c", "1", "X"), ("d", "1", "X")]
    guarded.etl.execute(SOLD, [(io, line, 104, sku, day, 1, 1, 1) for io, line, sku in lines])
    guarded.etl.execute(SOLD, [("e", "1", 104, "X", day, 1, 0, 1)])  # not shipped
    guarded.etl.execute(REFUNDED)
    assert asked(bi, "after_sale_rate", "售后率", "day = '2001-01-02'") == 0.25
    assert asked(bi, "after_sale_rate", "售后率", "day = '2001-01-02' AND sku_id = 'Y'") == 0
    assert asked(bi, "after_sale_rate", "售后率", "day = '2001-01-03'") is None


def test_turnover_by_hand(guarded: Guarded, bi: Client) -> None:
    """20 in stock, 10 sold in the seven complete days before, 99 today: 14 days; of a SKU made two days ago: 4."""
    ((today,),) = guarded.etl.execute("SELECT today()")
    stock = [("T", 20, 0), ("T2", 20, 0), ("T3", 5, 0), ("T4", 0, 0), ("T5", -3, 1)]
    guarded.etl.execute("INSERT INTO dws.dws_inventory (sku_id, qty, is_abnormal, version) VALUES",
                        [(sku, qty, abnormal, 1) for sku, qty, abnormal in stock])  # fmt: skip
    guarded.etl.execute(
        "INSERT INTO dim.dim_sku (sku_id, created, version) SELECT 'T2', now('Asia/Shanghai') - INTERVAL 2 DAY, 1"
    )
    sold = [(f"{sku}{days}", "1", 104, sku, today - timedelta(days), qty, 1, 1) for sku, days, qty in (
        ("T", 0, 99), ("T", 1, 4), ("T", 7, 6), ("T", 8, 50), ("T2", 1, 10), ("T4", 1, 3), ("T5", 1, 3),
    )]  # fmt: skip
    guarded.etl.execute(SOLD, sold)
    days = {sku: asked(bi, "turnover", "周转天", f"sku_id = '{sku}'") for sku in ("T", "T2", "T3", "T4", "T5")}
    assert days == {"T": 14.0, "T2": 4.0, "T3": None, "T4": 0.0, "T5": 0.0}
