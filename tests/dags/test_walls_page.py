"""Administrators make and revoke the links of wall displays; the key is shown once, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI

from bench.instruments.moved_clock import MovedClock
from jst.boards.wall_accounts import WallAccounts
from jst.clock import SHANGHAI
from jst.control.wall_links import WallLink
from tests.support.plans_in_memory import plan_desk

T = TypeVar("T")
NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)


class Remembered(WallAccounts):
    """Links in memory."""

    def __init__(self) -> None:
        super().__init__(lambda: "", MovedClock(NOW))
        self.made: list[WallLink] = []

    def links(self, work: Callable[[Any], T]) -> T:
        return work(self)

    def make(self, wall: str, by: str) -> str:
        self.made.append(WallLink(len(self.made) + 1, wall, by, NOW, None, None, None))
        return "the-new-key"

    def revoke(self, link_id: int, by: str) -> None:
        old = self.made[link_id - 1]
        self.made[link_id - 1] = WallLink(link_id, old.wall, old.made_by, NOW, by, NOW, None)

    def listed(self) -> list[WallLink]:
        return self.made


class Walls:
    """The pages inside an Airflow whose user has ``role``."""

    def __init__(self) -> None:
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.api_fastapi.core_api.security import USER_INJECTED_BY_TRUSTED_MIDDLEWARE

        from jst.airflow.pages_app import pages_of
        from jst.boards.board_answers import BoardAnswers
        from jst.metrics.catalogue import load_catalogue

        def away(*_: object) -> Any:
            raise AssertionError("nothing of ClickHouse is asked")

        self.role, self.links = "admin", Remembered()
        self.answers = BoardAnswers(load_catalogue(), away, away, MovedClock(NOW))
        self.app = FastAPI()
        self.app.mount("/jst", pages_of(self.answers, self.links, plan_desk(away, MovedClock(NOW))))

        @self.app.middleware("http")
        async def log_in(request: Any, call_next: Any) -> Any:
            request.state.user = SimpleAuthManagerUser(username="li.admin", role=self.role)
            request.state.user_authenticated_via = USER_INJECTED_BY_TRUSTED_MIDDLEWARE
            return await call_next(request)

    def ask(self, method: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
                return await client.request(method, "/jst/boards/walls", data=form, headers=headers)

        return asyncio.run(once())


@pytest.fixture
def walls(dags: dict[str, Any]) -> Iterator[Walls]:
    from airflow.api_fastapi.app import _AuthManagerState

    from local.airflow_settings.boards_auth_manager import BoardsAuthManager

    before, _AuthManagerState.instance = _AuthManagerState.instance, BoardsAuthManager()  # type: ignore[no-untyped-call]
    walls = Walls()
    yield walls
    _AuthManagerState.instance = before
    walls.answers.close()


def test_a_link_is_made_shown_once_and_revoked(walls: Walls) -> None:
    made = walls.ask("POST", {"make": "仓库大屏"})
    assert "http://airflow/jst/boards/wall#the-new-key" in made.text
    listed = walls.ask("GET").text
    assert "the-new-key" not in listed
    assert "li.admin" in listed
    assert walls.ask("POST", {"revoke": "1"}).headers["location"] == "walls"
    assert (walls.links.made[0].revoked_by, "已撤销" in walls.ask("GET").text) == ("li.admin", True)


def test_a_wall_that_access_yaml_does_not_name_gets_no_link(walls: Walls) -> None:
    assert walls.ask("POST", {"make": "老板的屏"}).status_code == 400
    assert walls.links.made == []


@pytest.mark.parametrize("role", ["boards", "viewer", "user"])
def test_only_administrators_see_or_change_links(walls: Walls, role: str) -> None:
    walls.role = role
    assert walls.ask("GET").status_code == walls.ask("POST", {"make": "仓库大屏"}).status_code == 403
    assert walls.links.made == []


def test_a_form_of_another_site_changes_nothing(walls: Walls) -> None:
    assert walls.ask("POST", {"make": "仓库大屏"}, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert walls.links.made == []
