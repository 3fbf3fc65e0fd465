"""The boards' addresses over HTTP: page, data, files, what lies behind a row, and the words of what is refused."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.scopes import Rows
from jst.boards.wall_accounts import WallAccounts
from jst.clock import SHANGHAI
from tests.support.plans_in_memory import plan_desk

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
HTML = {"accept": "text/html"}
CUTS = {"shop_id": 101, "i_id": "K1", "sku_id": "=A-1", "day": NOW.date(), "hour": 9, "platform": "天猫"}


class AnyWall(WallAccounts):
    """Every browser is the wall's."""

    def account(self, key: str) -> str | None:
        return "wall:仓库大屏"


def one_row(reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
    """A ClickHouse that has one row of everything: shop 101, style K1, SKU =A-1, 10 of each figure."""
    if "AS roles" in sql:
        return [([101], ["viewer"], 7)]
    if "AS categories" in sql:
        return [([(101, "云杉</script>", "天猫")], ["鞋"], 7)]
    if "system.parts" in sql:
        return [(1,)]
    if "dim.dim_" in sql and "keys" in parameters:
        return []
    if "AS io_id" in sql or "io_id, any(o_id)" in sql:
        return [("202509160001234567", "SO1", 101, "云杉", NOW, 1, 10, 7)]
    first = next(line for line in sql.splitlines() if line.startswith("SELECT"))
    names = [name.strip() for name in first.removeprefix("SELECT").split("cityHash64")[0].split(",") if name.strip()]
    return [(*(CUTS.get(name, 10) for name in names), 7)]


@pytest.fixture(scope="module")
def app(dags: dict[str, Any]) -> Iterator[Any]:
    from airflow.api_fastapi.app import _AuthManagerState
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    from jst.airflow.pages_app import pages_of
    from jst.boards.board_answers import BoardAnswers
    from jst.metrics.catalogue import load_catalogue

    def marks() -> DataMarks:
        names = ("inventory", "sale_out", "after_sale")
        return DataMarks({name: ModuleMark(name, NOW, NOW - timedelta(minutes=1), "", None) for name in names})

    clock = MovedClock(NOW)
    answers = BoardAnswers(load_catalogue(), one_row, marks, clock)
    before, _AuthManagerState.instance = _AuthManagerState.instance, SimpleAuthManager()  # type: ignore[no-untyped-call]
    yield pages_of(answers, AnyWall(lambda: "", clock), plan_desk(one_row, clock))
    _AuthManagerState.instance = before
    answers.close()


def get(app: Any, path: str, **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airflow") as client:
            return await client.get(f"/boards{path}", headers={"cookie": "jst_wall=x", **headers})

    return asyncio.run(once())


def test_the_page_has_the_boards_shape_and_no_figure(app: Any) -> None:
    first = get(app, "", **HTML)
    assert (first.status_code, first.headers["location"]) == (302, "boards/stock")
    answer = get(app, "/shops?lang=en", **HTML)
    assert answer.status_code == 200
    found = re.search(r'<script type="application/json" id="board">(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None
    shape = json.loads(found[1])
    assert (shape["id"], shape["title"], shape["lang"], shape["refresh"]) == ("shops", "Shops", "en", 30)
    assert shape["filters"]["shop"] == [{"value": "101", "name": "云杉</script>"}]
    assert "margin" not in [board["id"] for board in shape["boards"]]
    ranking = next(panel for panel in shape["panels"] if panel["id"] == "ranking")
    assert [column["name"] for column in ranking["columns"]][:2] == ["shop_id", "shop_name"]


def test_data_come_once_and_then_304_until_they_change(app: Any) -> None:
    answer = get(app, "/shops/data")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, no-cache"
    said = answer.json()
    assert said["panels"]["ranking"]["columns"]["out_amount"] == ["10.00"]
    again = get(app, "/shops/data", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-jst-mark"] == said["mark"] == "2026-03-08T09:30:00+08:00"
    stamps = json.loads(again.headers["x-jst-stamps"])
    assert stamps["ranking"] == ["2026-03-08T09:30:00+08:00", "2026-03-08T09:29:00+08:00"]
    assert get(app, "/shops/data?lang=en", **{"if-none-match": answer.headers["etag"]}).status_code == 200


def test_a_file_for_excel_has_a_name_with_board_and_mark(app: Any) -> None:
    answer = get(app, "/shops/ranking.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "20260308-093000.csv" in answer.headers["content-disposition"]
    head, row, end = answer.content.decode("utf-8").split("\r\n")
    assert head.startswith("\ufeff店铺编号,店铺,")
    assert (row, end) == ("101,101,10.00,10.00", "")


def test_what_lies_behind_a_row_is_a_file_too(app: Any) -> None:
    answer = get(app, "/shops/ranking/drill.csv?shop_id=101&i_id=K1")
    assert unquote(answer.headers["content-disposition"]).endswith(" 101 K1-20260308-093000.csv")
    head, row, end = answer.content.decode("utf-8").split("\r\n")
    assert head.startswith("\ufeff商品编码,商品,颜色规格,")
    assert (row.split(",")[0], end) == ("'=A-1", "")
    orders = get(app, "/shops/ranking/drill.csv?shop_id=101&i_id=K1&sku_id=%3DA-1").content.decode("utf-8")
    assert '"=""202509160001234567"""' in orders


def test_behind_a_row_there_is_the_next_step_and_at_the_end_the_orders(app: Any) -> None:
    styles = get(app, "/shops/ranking/drill?shop_id=101").json()
    assert (styles["by"], styles["drill"]["by"], styles["rows"]["i_id"]) == (["i_id"], ["sku_id"], ["K1"])
    assert [column["name"] for column in styles["columns"]][:2] == ["i_id", "style_name"]
    orders = get(app, "/shops/ranking/drill?shop_id=101&i_id=K1&sku_id=%3DA-1").json()
    assert orders["rows"]["io_id"] == ["202509160001234567"]
    assert orders["drill"] is None


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/shops/data?shop=102", 400, "店铺里没有 102，或您看不到它"),
        ("/shops/data?day=2026-03-09", 400, "2026-03-09 还没有到"),
        ("/shops/ranking/drill", 400, "这一行后面没有明细"),
        ("/shops/ranking/drill.csv", 400, "这一行后面没有明细"),
        ("/margin/ranking/drill.csv?shop_id=101", 403, "只有财务角色可以看"),
        ("/nothing/data", 404, "没有看板 nothing"),
        ("/shops/nothing.csv", 404, "没有面板 nothing"),
        ("/margin", 403, "只有财务角色可以看"),
        ("/margin/ranking.csv", 403, "只有财务角色可以看"),
    ],
)
def test_what_is_refused_is_refused_with_a_sentence(app: Any, path: str, status: int, said: str) -> None:
    answer = get(app, path)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_board_for_another_role_has_no_figures(app: Any) -> None:
    panels = get(app, "/margin/data").json()["panels"].values()
    assert [(panel["state"], panel["columns"]) for panel in panels] == [("forbidden", {})] * len(panels)


def test_every_metric_has_its_place_on_the_page_of_definitions(app: Any) -> None:
    from jst.metrics.catalogue import load_catalogue

    text = get(app, "/metrics", **HTML).text
    assert [code for code in load_catalogue().metrics if f'id="{code}"' not in text] == []


def test_a_panel_leads_to_the_definitions_of_its_own_metrics(app: Any) -> None:
    text = get(app, "/metrics?metric=out_amount&metric=refund_amount&lang=en", **HTML).text
    assert re.findall(r'id="(\w+)"', text) == ["out_amount", "refund_amount"]
    assert 'href="metrics?lang=en"' in text
