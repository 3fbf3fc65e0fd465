"""What an account sees of Airflow before it opens a page of ours: only the menu entries it may open, and 看板 instead
of a home that has nothing for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from airflow.api_fastapi.app import get_cookie_path
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse

from jst.airflow.page_rights import Page, logged_in, may_open, sees_dags

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
PAGES: dict[str, Page] = {
    "jst_boards": "boards",
    "jst_ledger": "ledger",
    "jst_alerts": "alerts",
    "jst_messages": "messages",
}
"""Menu entries by the route of their frame."""


async def home(app: App, scope: Message, receive: Receive, send: Send) -> None:
    """Send who may open 看板 and sees no DAG there; a phone to the page without Airflow's frame, which it has no room
    for."""
    user = await _user(scope)
    if user is None or sees_dags(user) or not may_open("boards", user):
        await app(scope, receive, send)
        return
    phone = "Mobi" in Request(scope).headers.get("user-agent", "")
    address = f"{get_cookie_path().rstrip('/')}/{'jst/boards' if phone else 'plugin/jst_boards'}"
    await RedirectResponse(address, 302)(scope, receive, send)


async def menu(app: App, scope: Message, receive: Receive, send: Send) -> None:
    """Leave the entries of pages that the user may not open out of Airflow's list of plugins."""
    user, answered = await _user(scope), list[Message]()
    if user is None:
        await app(scope, receive, send)
        return

    async def keep(message: Message) -> None:
        answered.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in answered)
    if answered[0]["status"] == 200:
        listed = msgspec.json.decode(body)
        for plugin in listed["plugins"]:
            plugin["external_views"] = [view for view in plugin["external_views"] if _shown(view, user)]
        await JSONResponse(listed)(scope, receive, send)
    else:
        for message in answered:
            await send(message)


def _shown(view: dict[str, Any], user: BaseUser) -> bool:
    page = PAGES.get(view.get("url_route") or "")
    return page is None or may_open(page, user)


async def _user(scope: Message) -> BaseUser | None:
    try:
        return await logged_in(Request(scope))
    except HTTPException:
        return None
