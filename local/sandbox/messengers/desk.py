"""The stand-ins together: their routes, and what tests and people ask of them, open to this machine only.

GET    /sandbox/messages               what people have seen, oldest first, and answers by vendor and code
GET    /sandbox/messages/page          the same as a page
GET    /sandbox/messages/picture/<n>   an uploaded picture
DELETE /sandbox/messages               forget it all, the limits' counts too
GET | PUT /sandbox/messages/faults     what goes wrong; PUT replaces the set (local/sandbox/messengers/troubles.py)
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.sandbox.answers import document
from local.sandbox.messengers.chat_page import chat_page
from local.sandbox.messengers.dingtalk_room import DingTalkRoom
from local.sandbox.messengers.feishu_room import FeishuRoom
from local.sandbox.messengers.keys import Keys
from local.sandbox.messengers.room import Room
from local.sandbox.messengers.sms_room import SmsRoom
from local.sandbox.messengers.troubles import BadTrouble, Troubles
from local.sandbox.messengers.vendor import Sleep


class Desk:
    """All stand-ins; ``secret``: the sandbox's own. They count by the machine's clock, not by the shop's."""

    def __init__(self, secret: str, sleep: Sleep, clock: Callable[[], float] = time.time) -> None:
        self.room, self._troubles = Room(clock), Troubles()
        keys = Keys(secret)
        self._vendors = [kind(self.room, self._troubles, sleep, keys) for kind in (DingTalkRoom, FeishuRoom, SmsRoom)]

    def routes(
        self, guarded: Callable[[Callable[[Request], Awaitable[Response]]], Callable[..., object]]
    ) -> list[Route]:
        """Return all routes; ``guarded`` keeps those for this machine from others."""
        own = (
            ("GET", "", self._seen),
            ("DELETE", "", self._forget),
            ("GET", "/page", self._page),
            ("GET", "/picture/{number:int}", self._picture),
            ("PUT", "/faults", self._set_troubles),
        )
        routes = [Route(f"/sandbox/messages{path}", guarded(answer), methods=[verb]) for verb, path, answer in own]
        return routes + [route for vendor in self._vendors for route in vendor.routes()]

    async def _seen(self, _: Request) -> Response:
        return document(msgspec.json.encode(self.room.as_json()).decode())

    async def _forget(self, _: Request) -> Response:
        self.room.clear()
        for vendor in self._vendors:
            vendor.forget()
        return document("{}")

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(chat_page(self.room.seen()))

    async def _picture(self, request: Request) -> Response:
        png = self.room.picture(request.path_params["number"])
        return Response(png, media_type="image/png") if png else Response(status_code=404)

    async def _set_troubles(self, request: Request) -> Response:
        try:
            self._troubles.replace(msgspec.json.decode(await request.body(), type=dict[str, dict[str, object]]))
        except (BadTrouble, msgspec.DecodeError) as problem:
            return document(msgspec.json.encode({"error": str(problem)}).decode(), 400)
        return document("{}")
