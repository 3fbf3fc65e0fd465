"""A sale-out's number stands for its id when orders are counted: never one number for two ids."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.model.module import INCLUDE
from jst.warehouse.sql import part
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
MIGRATIONS = INCLUDE / "sql" / "migrations" / "clickhouse"
ADD, FILL = ((MIGRATIONS / name).read_text("utf-8") for name in (
    "0115_add_io_number_to_dws_sale_out.sql", "0116_fill_io_number.sql"))  # fmt: skip
AT = datetime(2026, 1, 2, 10, tzinfo=SHANGHAI)
EDGES = (
    "0", "00", "1", "01", "10", "2", "999999999999999999", "1000000000000000000", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "18446744073709551617", "20000000000000000000",
    "A", "A0", "A00", "A1", "A01", "AA0", "AA1", "AB1", "BA1", "Z9999999999999999", "ZZ9999999999999999", "ZZ0",
    "AA99999999999999999", "AAA1", "a1", "ck1", "CK202509160001", "CK 1", " 1", "1 ", "-1", "+1", "1.0", "1e5", "0x1",
    "１", "CK１", "CK1\n", "1\n", "CK-1", "补1", "É1", "1A", "A1A", "\t1", "1\x00", "A1\x00",
)  # fmt: skip


def expected(io_id: str) -> int:
    """What the comment of the column says, another way."""
    if re.fullmatch("[1-9][0-9]{0,17}", io_id, re.ASCII):
        return int(io_id)
    if not (found := re.fullmatch("([A-Z]{1,2})([0-9]{1,16})", io_id, re.ASCII)):
        return 0
    letters = [ord(letter) - ord("A") for letter in found[1]]
    block = letters[0] if len(letters) == 1 else 26 + 26 * letters[0] + letters[1]
    return 10**18 + block * 2 * 10**16 + int(f"1{found[2]}")


def drawn(rng: random.Random) -> str:
    """Ids that look alike: few letters, few digits, many zeros."""
    return "".join(rng.choices("0001AAB9a- ", k=rng.randint(1, 6)))


def fill(client: Client, table: str, ids: list[str]) -> None:
    """Two lines of each order."""
    columns = "(io_id, line_id, key_time, is_shipped, version)"
    rows = [(io_id, line, AT, 1, 1) for io_id in ids for line in ("1", "2")]
    client.execute(f"INSERT INTO {table} {columns} VALUES", rows)


def counts(client: Client, table: str) -> tuple[int, int]:
    """Orders by numbers, as everything counts them, and by ids."""
    sql = f"SELECT {part('shared/distinct_sale_outs')}, uniqExact(io_id) FROM {table} FINAL"
    ((by_number, by_id),) = client.execute(sql)
    return by_number, by_id


def test_no_two_ids_have_one_number(warehouse: Warehouse) -> None:
    rng = random.Random(20261130)
    ids = sorted({*EDGES, *(drawn(rng) for _ in range(20_000)), *(f"CK{number}" for number in range(2_000))})
    fill(warehouse.client, "dws.dws_sale_out", ids)
    numbers = dict(warehouse.client.execute("SELECT DISTINCT io_id, io_number FROM dws.dws_sale_out"))
    assert numbers == {io_id: expected(io_id) for io_id in ids}
    given = [number for number in numbers.values() if number]
    assert len(given) == len(set(given)) > 1_000
    assert counts(warehouse.client, "dws.dws_sale_out") == (len(ids), len(ids))


@pytest.fixture
def before(client: Client) -> Iterator[str]:
    """The table as it was before the column, with orders in it."""
    name = "dws.before_numbers"
    client.execute(f"DROP TABLE IF EXISTS {name} SYNC")
    client.execute(f"CREATE TABLE {name} AS dws.dws_sale_out")
    client.execute(f"ALTER TABLE {name} DROP COLUMN io_number, DROP INDEX fetched_at_index")
    fill(client, name, list(EDGES))
    yield name
    client.execute(f"DROP TABLE {name} SYNC")


def test_orders_from_before_count_at_every_step_of_the_update(client: Client, before: str) -> None:
    """Also when the update dies after any of its steps and begins again."""
    wanted = (len(EDGES), len(EDGES))
    for _ in range(2):
        client.execute(ADD.replace("dws.dws_sale_out", before))
        assert counts(client, before) == wanted
    fill(client, before, ["new"])
    for _ in range(2):
        client.execute(FILL.replace("dws.dws_sale_out", before))
        assert counts(client, before) == (wanted[0] + 1, wanted[1] + 1)
    _wait_for_mutations(client, before)
    assert counts(client, before) == (wanted[0] + 1, wanted[1] + 1)
    written = client.execute(
        "SELECT DISTINCT has(groupArray(column), 'io_number') FROM system.parts_columns"
        " WHERE active AND concat(database, '.', table) = %(table)s GROUP BY name",
        {"table": before},
    )
    assert written == [(1,)]


def _wait_for_mutations(client: Client, table: str) -> None:
    sql = "SELECT count() FROM system.mutations WHERE NOT is_done AND concat(database, '.', table) = %(table)s"
    until = time.monotonic() + 30
    while client.execute(sql, {"table": table}) != [(0,)]:
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("io_id", ["7", "CK7", "七"])
def test_an_order_counts_once_whatever_becomes_of_its_lines(warehouse: Warehouse, io_id: str) -> None:
    """Its first line goes, it is split anew, all of it is cancelled."""
    tickets = count(1)

    def lines(*numbers: str, **fields: Any) -> list[tuple[int, int]]:
        """Load it so; returns how many orders and lines are shipped."""
        items = [{"ioi_id": n, "sku_id": f"S{n}", "qty": 1, "price": "1"} for n in numbers]
        warehouse.order("plan", ticket=next(tickets), io_id=io_id, items=items, **fields)
        counted = part("shared/distinct_sale_outs")
        return warehouse.rows(f"SELECT {counted}, count() FROM dws.dws_sale_out FINAL WHERE is_shipped")

    assert lines("1", "2") == [(1, 2)]
    assert lines("2", "3") == [(1, 2)]
    assert lines("4") == [(1, 1)]
    assert lines("4", status="Cancelled") == [(0, 0)]
