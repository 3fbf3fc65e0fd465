"""Board 6's button: who may ask for a plan, what is refused before anything runs, how it is followed, and its file."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook  # type: ignore[import-untyped]

from bench.instruments.moved_clock import MovedClock
from jst.boards.scopes import Rows
from jst.boards.wall_accounts import WallAccounts
from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from tests.support.plans_in_memory import KeptPlans, NotedRuns

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
ROLES = {
    "cai.gou": ["buyer", "viewer"], "boss": ["buyer", "finance", "viewer"], "li.na": ["viewer"],
    "cai.wu": ["finance", "viewer"], "wall:仓库大屏": ["viewer"],
}  # fmt: skip
LINE = ("order", "A-1", "云杉", "红;XL", "K1", "鞋", "杭州", "", Decimal(3), Decimal(0), Decimal("2.5"),
        date(2026, 3, 9), 40, 40, "日销 2.5 件")  # fmt: skip
JSON = {"content-type": "application/json"}


class OneWall(WallAccounts):
    def account(self, key: str) -> str | None:
        return "wall:仓库大屏"


def answered(reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
    """A ClickHouse with one line in every plan; cost only for who asks as finance."""
    if "AS roles" in sql:
        return [([101], ROLES[viewer], 7)]
    if "AS categories" in sql:
        return [([], ["鞋"], 7)]
    if "dws_replenishment_outcome" in sql:
        return [(number, date(2026, 3, 7), 9, 4, Decimal(120), Decimal(200), 2, 1, Decimal(77))
                for number in parameters["ids"]]  # fmt: skip
    if "dws_replenishment_line" in sql:
        cost = "cost_price" in sql
        assert reader == ("boards_finance" if cost else "boards")
        return [(*LINE, *((Decimal("12.50"),) if cost else ()))]
    assert "groupUniqArrayIf" in sql
    return [(["鞋", "帽"], [(11, "杭州")])]


class Site:
    """The pages, opened by ``viewer``; a wall by its cookie."""

    def __init__(self) -> None:
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.api_fastapi.core_api.security import USER_INJECTED_BY_TRUSTED_MIDDLEWARE

        from jst.airflow.pages_app import pages_of
        from jst.boards.board_answers import BoardAnswers
        from jst.boards.plan_desk import PlanDesk
        from jst.metrics.catalogue import load_catalogue

        self.clock, self.runs = MovedClock(NOW), NotedRuns()
        self.plans = KeptPlans(self.clock)
        self.answers = BoardAnswers(load_catalogue(), answered, lambda: None, self.clock)  # type: ignore[arg-type,return-value]
        desk = PlanDesk(answered, self.plans, self.runs, self.clock)
        self.app, self.viewer = FastAPI(), "cai.gou"
        self.app.mount("/jst", pages_of(self.answers, OneWall(lambda: "", self.clock), desk))

        @self.app.middleware("http")
        async def log_in(request: Any, call_next: Any) -> Any:
            if self.viewer in ROLES and not self.viewer.startswith("wall:"):
                request.state.user = SimpleAuthManagerUser(username=self.viewer, role="boards")
                request.state.user_authenticated_via = USER_INJECTED_BY_TRUSTED_MIDDLEWARE
            return await call_next(request)

    def ask(self, path: str, method: str = "GET", content: Any = None, **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            cookie = {"cookie": "jst_wall=x"} if self.viewer.startswith("wall:") else {}
            async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
                return await client.request(
                    method, f"/jst/boards/stock_warning{path}", content=content, headers={**cookie, **headers}
                )

        return asyncio.run(once())

    def post(self, given: Any = None, lang: str = "zh", **headers: str) -> httpx.Response:
        return self.ask(f"/plan?lang={lang}", "POST", json.dumps(given or {}), **{**JSON, **headers})


@pytest.fixture
def site(dags: dict[str, Any]) -> Iterator[Site]:
    from airflow.api_fastapi.app import _AuthManagerState

    from local.airflow_settings.boards_auth_manager import BoardsAuthManager

    before, _AuthManagerState.instance = _AuthManagerState.instance, BoardsAuthManager()  # type: ignore[no-untyped-call]
    site = Site()
    yield site
    _AuthManagerState.instance = before
    site.answers.close()


@pytest.mark.parametrize(
    ("viewer", "status"),
    [("cai.gou", 200), ("boss", 200), ("li.na", 403), ("cai.wu", 403), ("wall:仓库大屏", 401), ("", 401)],
)
def test_plans_are_for_buyers(site: Site, viewer: str, status: int) -> None:
    site.post()
    site.plans.change(1, state="done", lines=1, amount=Decimal("500.00"))
    site.viewer = viewer
    paths = ("/plan/form", "/plan/1", "/plan/1.xlsx", "/plans")
    assert [site.ask(path).status_code for path in paths] == [status] * len(paths)
    assert site.post().status_code == (202 if status == 200 else status)
    assert len(site.runs.started) == (2 if status == 200 else 1)
    if status == 403:
        assert "采购" in site.post().json()["detail"]
        assert "role buyer" in site.post(lang="en").json()["detail"]


@pytest.mark.parametrize(
    ("viewer", "board", "button"),
    [
        ("cai.gou", "stock_warning", {"may": True, "words": ""}),
        ("li.na", "stock_warning", {"may": False}),
        ("cai.gou", "stock", None),
        ("wall:仓库大屏", "stock_warning", None),
    ],
)
def test_the_page_knows_whose_button_works(site: Site, viewer: str, board: str, button: dict[str, Any] | None) -> None:
    site.viewer = viewer
    found = re.search(r'id="board">(.*?)</script>', site.ask(f"/../{board}", accept="text/html").text, re.DOTALL)
    assert found
    shape = json.loads(found[1])
    assert ("plan" in shape) == (button is not None)
    assert not button or shape["plan"].items() >= button.items()


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"cover_days": 0}, "cover_days", "覆盖天数 cover_days 不能填 0。处理：填 1 到 90 之间的整数"),
        ({"cover_days": "十"}, "cover_days", "要填数，不能填 十"),
        ({"cover_days": True}, "cover_days", "要填数，不能填 True"),
        ({"lead_days": 2.5}, "lead_days", "不能有小数：2.5"),
        ({"lead_days": 1, "lead_spread_days": 3}, "", "到货天数的浮动 3 不对"),
        ({"service_level": 1}, "service_level", "填 0.5 到 0.999 之间的数"),
        ({"budget": -5}, "budget", "不限就留空"),
        ({"pack_size": None}, "pack_size", "没有填"),
        ({"category": ["裤"]}, "category", "分类 category 里没有 裤 的库存"),
        ({"warehouse": ["x"]}, "warehouse", "要填仓库编号"),
        ({"warehouse": [99]}, "warehouse", "里没有 99"),
        ({"rabatt": 1}, "", "没有参数 rabatt"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_runs(
    site: Site, given: dict[str, Any], field: str, said: str
) -> None:
    answer = site.post(given)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert said in answer.json()["detail"]
    assert site.plans.plans == []
    assert site.runs.started == {}
    english = site.post(given, lang="en").json()["detail"]
    assert not re.search(r"[\u3400-\u9fff]", english.replace("裤", "").replace("十", "")), english


def test_the_form_offers_what_there_is(site: Site) -> None:
    fields = {field["name"]: field for field in site.ask("/plan/form").json()["fields"]}
    assert fields["warehouse"]["choices"] == [{"value": "11", "name": "杭州"}]
    assert fields["cover_days"].items() >= {"kind": "number", "default": 14, "least": 1, "most": 90, "step": 1}.items()
    assert fields["budget"]["optional"]
    assert {field["title"] for field in site.ask("/plan/form?lang=en").json()["fields"]} >= {"Lead time", "Budget"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_another_site_starts_no_plan(site: Site, headers: dict[str, str], status: int) -> None:
    assert site.post(**headers).status_code == status
    assert site.runs.started == {}


def test_a_double_click_starts_one_plan_and_another_one_has_to_wait(site: Site) -> None:
    first, again = site.post({"cover_days": 10}), site.post({"cover_days": 10.0})
    assert (first.status_code, first.json(), again.json()) == (202, {"plan": 1}, {"plan": 1})
    other = site.post({"cover_days": 20})
    assert (other.status_code, "补货计划 1 还在计算" in other.json()["detail"]) == (409, True)
    site.viewer = "boss"
    assert site.post({"cover_days": 20}).json() == {"plan": 2}
    ((run, (params, by)), _) = site.runs.started.items()
    assert run.startswith("board__2026-03-08T09:30:00_")
    assert (params["cover_days"], params["budget"], by) == (10, None, "cai.gou")


def test_a_plan_is_followed_to_its_end(site: Site) -> None:
    site.post()
    state = site.ask("/plan/1").json()
    assert state == {"plan": 1, "state": "waiting", "words": "等待开始", "share": None, "lines": None, "amount": None,
                     "file": False}  # fmt: skip
    assert site.ask("/plan/1.xlsx").status_code == 404
    site.plans.change(1, state="running", progress="正在读销量", share=0.4)
    assert site.ask("/plan/1").json().items() >= {"state": "running", "words": "正在读销量", "share": 0.4}.items()
    site.plans.change(1, state="done", lines=1, amount=Decimal("500.00"))
    assert site.ask("/plan/1").json().items() >= {"state": "done", "lines": 1, "amount": None, "file": True}.items()
    site.viewer = "boss"
    assert site.ask("/plan/1").json()["amount"] == "500.00"
    assert site.ask("/plan/7").status_code == 404


@pytest.mark.parametrize(
    ("state", "seconds", "frees"),
    [("failed", 0, True), ("success", 0, True), ("", 61, True), ("", 5, False), ("running", 9000, False)],
)
def test_a_run_that_died_frees_its_person(site: Site, state: str, seconds: float, frees: bool) -> None:
    site.post({"cover_days": 10})
    (run,) = site.runs.started
    site.runs.states[run] = state
    site.clock.sleep(seconds)
    assert site.post({"cover_days": 20}).status_code == (202 if frees else 409)
    assert (site.ask("/plan/1").json()["state"] == "failed") == frees


def test_a_run_that_cannot_start_says_why_and_frees_its_person(site: Site) -> None:
    site.runs.refuses = Misconfigured(
        "现在不能做补货计划：Airflow 里的 lingyang_replenishment 是暂停的", do="请值班打开"
    )
    assert "是暂停的" in site.post().json()["detail"]
    site.runs.refuses = None
    assert site.post({"cover_days": 20}).status_code == 202


def test_only_the_file_of_finance_has_prices(site: Site) -> None:
    site.post({"budget": 5000})
    site.plans.change(1, state="done", lines=1, amount=Decimal("500.00"))
    answer = site.ask("/plan/1.xlsx")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    prices = []
    for viewer in ("cai.gou", "boss"):
        site.viewer = viewer
        book = load_workbook(BytesIO(site.ask("/plan/1.xlsx").content))
        assert book.sheetnames == ["汇总", "采购 杭州"]
        head, row, _ = book["采购 杭州"].iter_rows(values_only=True)
        prices.append(dict(zip(head, row, strict=True))["单价（元）"])
        assert ("预算", "5,000 元") in [row[:2] for row in book["汇总"].iter_rows(values_only=True)]
    assert prices == [None, 12.5]


def test_the_history_says_what_came_of_each_plan(site: Site) -> None:
    assert site.ask("/plans").json()["words"] == "还没有做过补货计划"
    site.post({"category": ["鞋"]})
    site.plans.change(1, state="done", lines=1, amount=Decimal("500.00"))
    site.post()
    site.plans.fail(2, "分类 裤 没有库存")
    said = site.ask("/plans").json()
    rows = said["rows"]
    assert [column["name"] for column in said["columns"]] == list(rows)
    assert (rows["plan"], rows["file"], rows["made_by"]) == ([2, 1], [0, 1], ["cai.gou", "cai.gou"])
    assert rows["state"] == ["没有做成：分类 裤 没有库存", "已完成"]
    assert "分类 鞋" in rows["params"][1]
    assert rows["outcome"] == [
        "", "看到 03-07：9 个商品里 4 个到了货（120 件，计划采购 200 件），2 个已下单未到，1 个仍断过货；卖出 77 件"
    ]  # fmt: skip
    assert "amount" not in rows
    site.viewer = "boss"
    assert site.ask("/plans?lang=en").json()["rows"]["amount"] == [None, "500.00"]
