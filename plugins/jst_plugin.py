"""Add the ledger page 账本 to Airflow's UI.

Every component of Airflow loads this file, also each task: it imports nothing but the base class, and the pages are
built with the first request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from airflow.plugins_manager import AirflowPlugin

App = Callable[[Any, Any, Any], Awaitable[None]]


class Pages:
    """An ASGI application that is built with the first request."""

    def __init__(self) -> None:
        self._app: App | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            self._app = await asyncio.to_thread(_pages)
        await self._app(scope, receive, send)


class Doorkeeper:
    """A middleware before Airflow's home and its list of plugins; every other request passes at once."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if path not in ("/", "/api/v2/plugins"):
            await self._app(scope, receive, send)
            return
        from jst.airflow import doorkeeper

        answer = doorkeeper.home if path == "/" else doorkeeper.menu
        await answer(self._app, scope, receive, send)


def _pages() -> App:
    from jst.airflow.pages_app import pages

    return pages()


class JstPlugin(AirflowPlugin):
    """Register the pages, their entries in Airflow's menu, and who sees these."""

    name = "jst"
    fastapi_apps = [{"app": Pages(), "url_prefix": "/jst", "name": "jst"}]  # noqa: RUF012 -- Airflow's own attribute
    fastapi_root_middlewares = [{"middleware": Doorkeeper, "name": "jst"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "看板",
            "href": "jst/boards",
            "destination": "nav",
            "url_route": "jst_boards",
            "nav_top_level": True,
            "icon": "jst/boards/icon.svg",
            "icon_dark_mode": "jst/boards/icon-dark.svg",
        },
        {
            "name": "账本",
            "href": "jst/ledger",
            "destination": "nav",
            "url_route": "jst_ledger",
            "nav_top_level": True,
            "icon": "jst/ledger/files/icon.svg",
            "icon_dark_mode": "jst/ledger/files/icon-dark.svg",
        },
        {
            "name": "告警",
            "href": "jst/alerts",
            "destination": "nav",
            "url_route": "jst_alerts",
            "nav_top_level": True,
            "icon": "jst/boards/bell.svg",
            "icon_dark_mode": "jst/boards/bell-dark.svg",
        },
        {
            "name": "消息",
            "href": "jst/messages",
            "destination": "nav",
            "url_route": "jst_messages",
            "nav_top_level": True,
            "icon": "jst/messages/icon.svg",
            "icon_dark_mode": "jst/messages/icon-dark.svg",
        },
    ]
