"""The boards of the company in a browser: one site for the run, pages that must stay silent on the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clickhouse_driver import Client
from playwright.sync_api import Browser, Page, Route, expect

from local.instance import Instance
from tests.support.board_site import BoardSite
from tests.support.browse import PATIENCE
from tests.support.company import store_company
from tests.support.company_ahead import store_forecast, store_outlook
from tests.support.warehouse_fixtures import client

__all__ = ["client"]

WALL, DESK, PHONE = (1920, 1080), (1280, 800), (390, 844)
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def site(stack: Instance, client: Client) -> Iterator[BoardSite]:
    store_company(client)
    store_forecast(client)
    store_outlook(client)
    site = BoardSite(stack)
    yield site
    site.close()


@pytest.fixture
def board(site: BoardSite, chromium: Browser) -> Iterator[Open]:
    """``board("trend", wall=1)`` opens a board as cai.wu of finance at the company's moment and waits until all is
    drawn; ``route`` answers for data instead of the server. The console must stay silent until the test ends, but for
    lines that contain ``noise``."""
    contexts, said = [], []

    def opened(
        name: str, *, viewer: str = "cai.wu", size: tuple[int, int] = DESK, zone: str = "Asia/Shanghai",
        dark: bool = True,
        route: Callable[[Route], None] | None = None, drawn: bool = True, noise: str = "", **query: Any,
    ) -> Page:  # fmt: skip
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id=zone, locale="zh-CN",
            color_scheme="dark" if dark else "light",
        )  # fmt: skip
        contexts.append(context)
        context.add_cookies([{"name": "viewer", "value": viewer, "url": site.url}])
        page = context.new_page()

        def note(text: str) -> None:
            if not noise or noise not in text:
                said.append(f"{name}: {text}")

        page.on("console", lambda message: note(message.text))
        page.on("pageerror", lambda error: note(str(error)))
        page.clock.install(time=site.clock.now())
        if route:
            page.route("**/data?*", route)
        page.goto(f"{site.url}/{name}?" + "&".join(f"{key}={value}" for key, value in query.items()))
        if drawn:
            expect(page.locator("body[data-drawn='1']")).to_be_attached(timeout=PATIENCE * 1000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
