"""Feishu's stand-in: a group's custom bot for cards of JSON 2.0, and an app that uploads pictures."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.routing import Route

from local.sandbox.messengers.keys import Keys
from local.sandbox.messengers.room import Room
from local.sandbox.messengers.troubles import Troubles
from local.sandbox.messengers.vendor import Limit, No, Sleep, StandIn, object_of

MOST_BYTES, SKEW_SECONDS = 20 * 1024, 3600
_AT = re.compile(r"<at id=([^>]+)></at>")
_TAGS = {"markdown", "img", "button", "div", "hr", "column_set", "table", "note"}


class FeishuRoom(StandIn):
    """One group."""

    vendor = "feishu"

    def __init__(self, room: Room, troubles: Troubles, sleep: Sleep, keys: Keys) -> None:
        super().__init__(room, troubles, sleep)
        self._keys = keys.feishu()
        self.forget()
        self._tokens: set[str] = set()
        self._images: dict[str, int] = {}

    def forget(self) -> None:
        self._second, self._minute = Limit(5, 1.0, self.room.clock), Limit(100, 60.0, self.room.clock)

    def routes(self) -> list[Route]:
        return [
            Route("/open-apis/bot/v2/hook/{hook}", self.saying(self._send), methods=["POST"]),
            Route("/open-apis/im/v1/images", self.asking(self._upload), methods=["POST"]),
            Route("/open-apis/auth/v3/tenant_access_token/internal", self.asking(self._token), methods=["POST"]),
        ]

    def body(self, code: str, said: str) -> dict[str, Any]:
        return {"code": int(code), "msg": "success" if code == "0" else said, "data": {}}

    async def _send(self, request: Request) -> Callable[[], None]:
        if request.path_params["hook"] != self._keys["hook_id"]:
            raise No("token")
        raw = await request.body()
        body = await object_of(request)
        self._check_signed(body)
        if self._second.exceeded() | self._minute.exceeded():
            raise No("too_fast")
        if len(raw) > MOST_BYTES:
            raise No("too_large")
        if body.get("msg_type") == "text":
            text = str((body.get("content") or {}).get("text") or "")
            if not text:
                raise No("bad_format")
            return lambda: self.room.show("feishu", text[:40], text, called=_AT.findall(text), raw=body)
        if body.get("msg_type") != "interactive":
            raise No("bad_format")
        return self._card(body.get("card") or {}, body)

    def _card(self, card: dict[str, Any], body: dict[str, Any]) -> Callable[[], None]:
        title = (((card.get("header") or {}).get("title")) or {}).get("content")
        elements = (card.get("body") or {}).get("elements")
        if card.get("schema") != "2.0" or not title or not isinstance(elements, list):
            raise No("bad_format")
        if any(each.get("tag") not in _TAGS for each in elements):
            raise No("", "11246", "ErrMsg: unsupported tag")
        image = next((each["img_key"] for each in elements if each["tag"] == "img"), "")
        if image and image not in self._images:
            raise No("", "11246", "ErrMsg: invalid image key")
        text = "\n\n".join(each["content"] for each in elements if each["tag"] == "markdown")
        links = [each["behaviors"][0]["default_url"] for each in elements if each["tag"] == "button"]
        return lambda: self.room.show(
            "feishu", str(title), text, called=_AT.findall(text), link=links[0] if links else "",
            picture=self._images.get(image, 0), raw=body,
        )  # fmt: skip

    def _check_signed(self, body: dict[str, Any]) -> None:
        stamp = str(body.get("timestamp", ""))
        if not stamp.isdecimal() or abs(int(stamp) - self.room.clock()) > SKEW_SECONDS:
            raise No("timestamp")
        made = base64.b64encode(hmac.digest(f"{stamp}\n{self._keys['secret']}".encode(), b"", "sha256"))
        if not hmac.compare_digest(made, str(body.get("sign", "")).encode()):
            raise No("sign")

    async def _token(self, request: Request) -> dict[str, Any]:
        body = await object_of(request)
        if (body.get("app_id"), body.get("app_secret")) != (self._keys["app_id"], self._keys["app_secret"]):
            raise No("", "10014", "app secret invalid")
        token = f"t-{secrets.token_hex(16)}"
        self._tokens.add(token)
        return {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200}

    async def _upload(self, request: Request) -> dict[str, Any]:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            raise No("", "99991663", "Invalid access token for authorization")
        async with request.form() as form:
            image, kind = form.get("image"), form.get("image_type")
            png = await image.read() if isinstance(image, UploadFile) else b""
        if kind != "message" or not png.startswith(b"\x89PNG"):
            raise No("", "234001", "Invalid request param")
        key = f"img_v3_{secrets.token_hex(12)}"
        self._images[key] = self.room.keep_picture(png)
        return {"code": 0, "msg": "success", "data": {"image_key": key}}
