"""A colleague's rule: the example of docs/how-to, pasted into the file, tried, in force, and silenced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_driver import Client

from bench.instruments.moved_clock import MovedClock
from jst.alerts.alert_round import AlertRound
from jst.alerts.crossings import Crossings
from jst.alerts.notices import Notices
from jst.alerts.rules import FILE, Rules, load_rules
from jst.alerts.try_rule import main
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.logins import Logins
from jst.boards.scopes import Scopes
from jst.clock import SHANGHAI
from jst.control.alert_book import AlertBook
from jst.control.database import Database
from jst.control.silences import Silences
from jst.metrics.catalogue import load_catalogue
from local.instance import Instance
from local.layout import HOST
from tests.support.company import make_marts
from tests.support.metric_worlds import store, world_of
from tests.support.warehouse_fixtures import client

__all__ = ["client"]
pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
PAGE = Path(__file__).parents[3] / "docs/how-to/add-an-alert-rule.md"
NOW = datetime.now(SHANGHAI)
YESTERDAY = (NOW - timedelta(days=1)).replace(hour=12)
OWN = ("ops.shop_owner", "access.user_shop", "access.user_role")


def shipped(shop: int, hours: int, first: int) -> list[dict[str, Any]]:
    """Thirty orders of yesterday that had waited for so long."""
    at = YESTERDAY.replace(tzinfo=None)
    return [
        {"io_id": first + number, "shop_id": shop, "io_date": at, "pay_date": at - timedelta(hours=hours)}
        for number in range(30)
    ]


@pytest.fixture
def logins(stack: Instance, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logins]:
    """A real login for each reader, in the environment as ``make env`` prints it; account oncall sees both shops."""
    for table in OWN:
        client.execute(f"TRUNCATE TABLE {table}")
    client.execute("INSERT INTO ops.shop_owner VALUES", [(101, "li.na", 1, 0)])
    client.execute("INSERT INTO access.user_shop VALUES", [("oncall", shop, 1, 0) for shop in (101, 102)])
    client.execute("INSERT INTO access.user_role VALUES", [("oncall", "viewer", 1, 0)])
    port, password = stack.layout.ports.clickhouse, stack.layout.secrets.clickhouse
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", json.dumps({"host": HOST, "port": port}))
    conn = {"conn_type": "clickhouse", "login": "boards", "password": password("boards")}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_BOARDS", json.dumps(conn))
    opened: list[Client] = []

    def build(name: str) -> Client:
        opened.append(Client(HOST, port, user=name, password=password(name)))
        return opened[-1]

    yield Logins(build, MovedClock(NOW), seconds=10)
    for each in opened:
        each.disconnect()
    for table in OWN:
        client.execute(f"TRUNCATE TABLE {table}")


def plant(client: Client, *orders: dict[str, Any]) -> None:
    store(client, world_of({"as_of": NOW.replace(tzinfo=None), "sale_out": list(orders)}))
    make_marts(client, [YESTERDAY.date()], 1)


def test_the_example_is_tried_put_in_force_and_silenced_by_the_page_alone(
    client: Client, database: Database, logins: Logins, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    mine = tmp_path / "alerts.yaml"
    mine.write_text(FILE.read_text("utf-8") + example, "utf-8")

    plant(client, *shipped(101, 60, 1), *shipped(102, 10, 100))
    assert main(["slow_shipping", "--days", "3", "--file", str(mine)]) == 0
    said = capsys.readouterr().out
    assert f"{YESTERDAY.date()}  触发 1 个（101）；恢复 0 个" in said
    assert "发货太慢 slow_shipping：3 天里触发 1 次" in said
    assert database.rows("SELECT 1 FROM incident UNION ALL SELECT 1 FROM message") == [], "trying leaves nothing"

    rules, clock = Rules({"slow_shipping": load_rules(mine).by_name["slow_shipping"]}), MovedClock(NOW.replace(hour=12))
    marks = DataMarks({"sale_out": ModuleMark("sale_out", NOW, NOW, "", None)})
    asks = Crossings(load_catalogue(), Scopes(logins, clock), "oncall", database)
    notices = Notices(database, rules, "http://airflow")
    look = AlertRound(rules, asks, lambda: marks, AlertBook(database), notices, clock)

    def titles() -> list[tuple[str, list[str]]]:
        look.run()
        clock.sleep(120)
        sql = "SELECT body->>'title', body->'mentions' FROM message ORDER BY message_id"
        return [(title, mentions) for title, mentions in database.rows(sql)]

    first = [("【预警】发货太慢：新增 1 项", ["li.na"])]
    assert titles() == first
    Silences(database).make("slow_shipping", "", "仓库盘点", "admin", clock.now(), clock.now() + timedelta(minutes=30))
    plant(client, *shipped(101, 60, 1), *shipped(102, 60, 100))
    assert titles() == first
    assert [subject for (subject,) in database.rows("SELECT subject FROM incident ORDER BY id")] == ["101", "102"]
    clock.sleep(3600)
    assert titles() == [*first, ("【预警】发货太慢：新增 1 项", ["oncall"])]
