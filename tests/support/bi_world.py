"""The worlds of the metrics all at once, moved to today, under the views of database bi."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.warehouse.bi_views import BiView
from jst.warehouse.mart_tables import mart_names, refresh, refresh_week
from local.instance import Instance
from tests.support.metric_worlds import World, store, worlds

TODAY = datetime.now(SHANGHAI).date()
DAY = TODAY - timedelta(days=7)
"""The 1st of March of the worlds, whose stock is of the 8th."""
SHIPPED_WITHOUT_DATE = {"io_id": "O99", "qty": 7, "price": 1000.0, "io_date": None}
Logins = dict[str, Client]


@pytest.fixture(scope="module")
def bi_logins(client: Client, stack: Instance) -> Iterator[Logins]:
    """The logins of 瓴羊BI on tables that hold these worlds and nothing else."""
    store(client, _today(*worlds().values()))
    for day in (TODAY - timedelta(days=n) for n in range(12)):
        for mart in mart_names():
            refresh(client, mart, day, 1)
    refresh_week(client, 1)
    address = stack.clickhouse()
    found = {
        user: Client(address["host"], address["port"], user=user, password=stack.layout.secrets.clickhouse(user))
        for user in ("lingyang_bi", "lingyang_finance")
    }
    yield found
    for each in found.values():
        each.disconnect()


def reader_of(view: BiView) -> str:
    """The login that may read a view."""
    return "lingyang_finance" if view.name.endswith("_finance") else "lingyang_bi"


def in_columns(formula: str) -> str:
    """A formula with its [names] as a tool turns them into columns."""
    return re.sub(r"\[(.+?)\]", r"`\1`", formula)


def _today(*parts: World) -> World:
    moved = timedelta(days=(TODAY - date(2026, 3, 8)).days)

    def move(value: Any) -> Any:
        return value + moved if isinstance(value, date) else value

    rows = {
        table: [{name: move(value) for name, value in row.items()} for each in parts for row in each.rows[table]]
        for table in parts[0].rows
    }
    rows["sale_out"].append(SHIPPED_WITHOUT_DATE)
    return replace(parts[0], rows=rows)
