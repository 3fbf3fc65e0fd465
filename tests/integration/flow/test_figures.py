"""What boards and monitoring read of the pipeline is what the control database says, however often it is copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from clickhouse_driver import Client

from bench.instruments.moved_clock import MovedClock
from jst.clock import SHANGHAI, SystemClock
from jst.control.api_calls import ApiCalls, bucket_of
from jst.control.database import Database
from jst.control.degradation import Degradation
from jst.control.incidents import Incidents
from jst.control.plans import Plans
from jst.erp.call_outcome import Call
from jst.flow.figures_copy import Figures
from local.instance import Instance
from tests.support.control_fixture import database
from tests.support.plan_story import begin
from tests.support.warehouse_fixtures import client

__all__ = ["client", "database"]

pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
NOW = datetime.now(SHANGHAI).replace(second=0, microsecond=0)
SLOW = Call("sale_out", "/open/orders/out/simple/query", "ok", "ok", 1_500)
REFUSED = Call("sale_out", "/open/orders/out/simple/query", "http_429", "refused", 3)


@pytest.fixture
def figures(database: Database, client: Client) -> Figures:
    for table in ("api_minute", "module_minute"):
        client.execute(f"TRUNCATE TABLE ops.{table}")
    return Figures(database, client, SystemClock())


def count(database: Database, calls: Sequence[Call], at: datetime = NOW) -> None:
    counted = ApiCalls(database)
    for call in calls:
        counted.count(call, at)
    counted.write(0.0)


def requests(client: Client) -> list[tuple[Any, ...]]:
    columns = f"minute, outcome, kind, requests, milliseconds, latencies[{bucket_of(SLOW.milliseconds)}]"
    return list(client.execute(f"SELECT {columns} FROM ops.api_minute FINAL ORDER BY 1, 2"))


def test_counts_that_grow_replace_their_copies_and_repeating_changes_nothing(
    figures: Figures, database: Database, client: Client
) -> None:
    count(database, [SLOW, SLOW, REFUSED])
    figures.copy()
    count(database, [SLOW], NOW - timedelta(minutes=3))  # a process that writes late
    count(database, [SLOW])
    figures.copy()
    expected = [
        (NOW - timedelta(minutes=3), "ok", "ok", 1, 1_500, 1),
        (NOW, "http_429", "refused", 1, 3, 0),
        (NOW, "ok", "ok", 3, 4_500, 3),
    ]
    assert requests(client) == expected
    Figures(database, client, SystemClock()).copy()  # another process, which has to look up how far the copy is
    assert requests(client) == expected


def modules(client: Client, *columns: str) -> dict[str, tuple[Any, ...]]:
    rows = client.execute(f"SELECT module, {', '.join(columns)} FROM ops.module_minute FINAL ORDER BY minute")
    return {row[0]: row[1:] for row in rows}


def test_every_module_says_how_it_stands(figures: Figures, database: Database, client: Client) -> None:
    begin(Plans(database), "sale_out", SystemClock().now() - timedelta(seconds=90))
    Degradation(database).step_down("after_sale", "最近 3 分钟 90 次请求中有 80 次被源端拒绝")
    Incidents(database).open("check", "", "amounts", "不等", "看", {})
    Incidents(database).open("check_warn", "", "abnormal_quantity", "35 行", "看", {})
    today = NOW.date()
    for back, state in ((2, "proven"), (3, "open"), (4, "excepted")):
        database.rows(
            """INSERT INTO certificate (day, module, number, state, rows, keys, source_amount, our_amount, missing,
                                        surplus, different, moved, exceptions, reasons, dag_id, run_id)
               VALUES (%(day)s, 'sale_out', 1, %(state)s, 1, 1, 1, 1, 0, 0, 0, 0, 0, '[]', 'jst_backfill', 'x')""",
            day=today - timedelta(days=back), state=state,
        )  # fmt: skip
    for position, state in enumerate(("open", "open", "parked", "redriven")):
        database.rows(
            """INSERT INTO letter (topic, partition, position, module, plan_id, attempt, page, key, reason, cause,
                                   state)
               VALUES ('ods.dead_letters', 0, %(position)s, 'sku', '', 1, 1, '', 'x', 'y', %(state)s)""",
            position=position, state=state,
        )  # fmt: skip
    figures.copy()
    figures.copy()
    seen = modules(client, "feed_state", "open_letters", "parked_letters", "incidents", "certificate_state")
    assert seen == {
        "": ("", 0, 0, 1, ""),
        "after_sale": ("degraded", 0, 0, 0, ""),
        "inventory": ("live", 0, 0, 0, ""),
        "sale_out": ("live", 0, 0, 0, "proven"),
        "shop": ("clock", 0, 0, 0, ""),
        "sku": ("clock", 2, 1, 0, ""),
        "warehouse": ("clock", 0, 0, 0, ""),
    }
    lag, missing, day = modules(client, "lag_seconds", "uncertified_days", "certificate_day")["sale_out"]
    assert 89 <= lag < 120
    assert day == today - timedelta(days=2)
    due = (datetime.now(SHANGHAI) - timedelta(hours=30)).date()
    assert (
        missing == (today - timedelta(days=4) - due).days * -1 + 1 - 2
    )  # days since the first, less the two good ones
    assert modules(client, "lag_seconds")["sku"] == (None,)


def scored(database: Database, client: Client, clock: MovedClock) -> dict[str, Any]:
    Figures(database, client, clock).copy()
    columns = ("score", "queries", "failed", "slow")
    (row,) = client.execute(f"SELECT {', '.join(columns)} FROM ops.bi_health FINAL")
    return dict(zip(columns, row, strict=True))


def test_bi_s_health_counts_what_bi_asked_of_the_data(stack: Instance, database: Database, client: Client) -> None:
    address: dict[str, Any] = stack.clickhouse()
    password = stack.layout.secrets.clickhouse("lingyang_bi")

    def ask(sql: str, times: int = 1) -> None:
        for _ in range(times):
            httpx.post(f"http://{address['host']}:{address['http_port']}/", content=sql, auth=("lingyang_bi", password))

    begin(Plans(database), "sale_out", SystemClock().now())
    client.execute("TRUNCATE TABLE ops.bi_health")
    ask("SELECT count() FROM bi.sale_out", 19)
    ask("SELECT 1", 9)  # a driver looks whether the server is there
    ask("SELECT name FROM system.tables", 9)
    ask("SELECT * FROM dwd.dwd_sale_out", 9)  # it may not
    own = Client(address["host"], address["port"], user="lingyang_bi", password=password)
    for _ in range(9):
        own.execute("SELECT count() FROM bi.sale_out")  # as our own proofs do
    own.disconnect()
    client.execute("SYSTEM FLUSH LOGS")
    clock = MovedClock(SystemClock().now().replace(second=0) + timedelta(seconds=195))
    assert scored(database, client, clock) == {"score": 100, "queries": 19, "failed": 0, "slow": 0}
    ask("SELECT count(), sleep(1.1) FROM bi.sale_out")
    ask("SELECT `没有这一列` FROM bi.sale_out", 20)
    client.execute("SYSTEM FLUSH LOGS")
    # half is answered, nineteen of forty at once, the data are new
    assert scored(database, client, clock) == {"score": 20 + 19 + 20, "queries": 40, "failed": 20, "slow": 1}
