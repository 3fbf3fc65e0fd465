"""What a wall display's cookie opens: the boards, and nothing else of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.wall_accounts import WallAccounts
from jst.errors import Retry
from tests.support.plans_in_memory import plan_desk

HTML = {"accept": "text/html"}
KEY = "the-key-of-a-link"
EXAMPLES = {
    "number": "1",
    "board_id": "shops",
    "panel_name": "ranking",
    "version": "0",
    "name": "board.js",
}


GONE = "the-key-of-a-wall-that-access-yaml-no-longer-names"


class OneWall(WallAccounts):
    """Knows one link, and one of a wall that has no rights any more."""

    def account(self, key: str) -> str | None:
        return {KEY: "wall:仓库大屏", GONE: "wall:旧"}.get(key)


@pytest.fixture(scope="module")
def app(dags: dict[str, Any]) -> Iterator[Any]:
    from airflow.api_fastapi.app import _AuthManagerState
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    from jst.airflow.pages_app import pages_of
    from jst.boards.board_answers import BoardAnswers
    from jst.metrics.catalogue import load_catalogue

    def away(*asked: object) -> Any:
        if "wall:旧" in asked:
            return [([], [], 0)]
        raise Retry("没有答复", do="再试", server="ClickHouse")

    clock = MovedClock()
    answers = BoardAnswers(load_catalogue(), away, away, clock)
    before, _AuthManagerState.instance = _AuthManagerState.instance, SimpleAuthManager()  # type: ignore[no-untyped-call]
    yield pages_of(answers, OneWall(away, clock), plan_desk(away, clock))
    _AuthManagerState.instance = before
    answers.close()


def ask(
    app: Any, method: str, path: str, cookie: str | None, headers: dict[str, str] | None = None, key: str = ""
) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            kept = {"cookie": f"jst_wall={cookie}"} if cookie else {}
            form = {"key": key} if key else None
            return await client.request(method, path, headers={**(headers or {}), **kept}, data=form)

    return asyncio.run(once())


def every_route(app: Any) -> list[tuple[str, str]]:
    return sorted(
        (method, route.path.format(**EXAMPLES)) for route in app.routes for method in getattr(route, "methods", ())
    )


def test_the_cookie_opens_the_boards_and_no_other_route(app: Any) -> None:
    opened = {
        (method, path) for method, path in every_route(app) if ask(app, method, path, KEY).status_code not in (401, 403)
    }
    strangers = {
        (method, path)
        for method, path in every_route(app)
        if ask(app, method, path, None).status_code not in (401, 403)
    }
    assert strangers == {("GET", "/boards/wall"), ("POST", "/boards/wall")}  # they ask for a key
    boards = {
        "",
        "/board.js.svg",
        "/metrics",
        "/shops",
        "/shops/data",
        "/shops/ranking.csv",
        "/shops/ranking/drill",
        "/shops/ranking/drill.csv",
        "/files/0/board.js",
    }
    assert opened - strangers == {("GET", f"/boards{path}") for path in boards}


def test_a_wrong_cookie_is_no_cookie(app: Any) -> None:
    assert ask(app, "GET", "/boards/shops/data", "another-key").status_code == 401
    sent = ask(app, "GET", "/boards/shops?shop=101", "another-key", HTML)
    assert sent.status_code == 302
    assert sent.headers["location"].startswith("/api/v2/auth/login?next=")


def test_a_link_leaves_a_cookie_that_scripts_and_other_pages_do_not_get(app: Any) -> None:
    answer = ask(app, "POST", "/boards/wall", None, HTML, key=KEY)
    assert answer.status_code == 303
    assert answer.headers["location"] == "../boards?wall=1"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"jst_wall={KEY};")
    assert {"HttpOnly", "Path=/jst/boards", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    refused = ask(app, "POST", "/boards/wall", None, HTML, key="no-key")
    assert (refused.status_code, "set-cookie" in refused.headers) == (404, False)
    assert ask(app, "POST", "/boards/wall", None, HTML).status_code == 404


def test_while_clickhouse_is_away_the_data_say_so_for_every_panel(app: Any) -> None:
    answer = ask(app, "GET", "/boards/shops/data", KEY)
    assert answer.status_code == 200, answer.text
    states = {panel["state"] for panel in answer.json()["panels"].values()}
    assert states == {"failed"}


def test_an_account_without_rights_gets_a_page_that_says_so(app: Any) -> None:
    for path, headers in (("/boards", HTML), ("/boards/shops", HTML), ("/boards/shops/data", None)):
        answer = ask(app, "GET", path, GONE, headers)
        assert answer.status_code == 403, path
        assert "账号未登记：wall:旧" in answer.text
