"""DingTalk's stand-in: a group's custom robot, and a company's app robot that sends pictures."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.routing import Route

from local.sandbox.messengers.keys import Keys
from local.sandbox.messengers.room import Room
from local.sandbox.messengers.troubles import Troubles
from local.sandbox.messengers.vendor import Limit, No, Sleep, StandIn, object_of

MOST_BYTES = 20_000
SKEW_SECONDS, THROTTLED_SECONDS = 3600, 600.0
_TYPES = {"text": "content", "markdown": "text", "link": "text", "actionCard": "text", "feedCard": "links"}


class DingTalkRoom(StandIn):
    """One group. A robot that is too fast is silent for ten minutes, whatever it sends meanwhile."""

    vendor = "dingtalk"

    def __init__(self, room: Room, troubles: Troubles, sleep: Sleep, keys: Keys) -> None:
        super().__init__(room, troubles, sleep)
        self._keys = keys.dingtalk()
        self.forget()
        self._tokens: set[str] = set()
        self._media: dict[str, int] = {}

    def forget(self) -> None:
        self._limit, self._silent_until = Limit(20, 60.0, self.room.clock), 0.0

    def routes(self) -> list[Route]:
        return [
            Route("/robot/send", self.saying(self._send), methods=["POST"]),
            Route("/media/upload", self.asking(self._upload), methods=["POST"]),
            Route("/v1.0/oauth2/accessToken", self.asking(self._token), methods=["POST"]),
            Route("/v1.0/robot/groupMessages/send", self.saying(self._send_picture), methods=["POST"]),
        ]

    def body(self, code: str, said: str) -> dict[str, Any]:
        if code.lstrip("-").isdecimal():
            return {"errcode": int(code), "errmsg": said}
        return {"code": code, "message": said, "requestid": secrets.token_hex(8)}

    def status(self, code: str) -> int:
        return 200 if code.lstrip("-").isdecimal() else 400

    async def _send(self, request: Request) -> Callable[[], None]:
        self._check_signed(request)
        self._check_speed()
        raw = await request.body()
        if len(raw) > MOST_BYTES:
            raise No("too_large")
        body = await object_of(request)
        kind = str(body.get("msgtype"))
        part = body.get(kind)
        if kind not in _TYPES or not isinstance(part, dict) or not part.get(_TYPES[kind]):
            raise No("bad_format")
        text, at = str(part[_TYPES[kind]]), body.get("at") or {}
        wanted = [str(who) for who in (*at.get("atMobiles", []), *at.get("atUserIds", []))]
        called = [who for who in wanted if f"@{who}" in text]  # only these are called
        title = str(part.get("title") or text[:40])
        return lambda: self.room.show("dingtalk", title, text, called=called, raw=body)

    def _check_signed(self, request: Request) -> None:
        given = request.query_params
        if given.get("access_token") != self._keys["access_token"]:
            raise No("token")
        stamp = given.get("timestamp", "")
        if not stamp.isdecimal() or abs(int(stamp) / 1000 - self.room.clock()) > SKEW_SECONDS:
            raise No("timestamp")
        key = self._keys["secret"].encode()
        made = base64.b64encode(hmac.digest(key, f"{stamp}\n{key.decode()}".encode(), "sha256"))
        if not hmac.compare_digest(made, given.get("sign", "").encode()):
            raise No("sign")

    def _check_speed(self) -> None:
        if self._limit.exceeded() or self.room.clock() < self._silent_until:
            self._silent_until = max(self._silent_until, self.room.clock() + THROTTLED_SECONDS)
            raise No("too_fast")

    async def _token(self, request: Request) -> dict[str, Any]:
        body = await object_of(request)
        if (body.get("appKey"), body.get("appSecret")) != (self._keys["app_key"], self._keys["app_secret"]):
            raise No("", "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return {"accessToken": token, "expireIn": 7200}

    async def _upload(self, request: Request) -> dict[str, Any]:
        if request.query_params.get("access_token") not in self._tokens:
            raise No("", "40014", "不合法的access_token")
        async with request.form() as form:
            media = form.get("media")
            png = await media.read() if isinstance(media, UploadFile) else b""
        if not png.startswith(b"\x89PNG"):
            raise No("", "40004", "无效的媒体文件类型")
        name = f"@{secrets.token_hex(12)}"
        self._media[name] = self.room.keep_picture(png)
        return {"errcode": 0, "errmsg": "ok", "type": "image", "media_id": name}

    async def _send_picture(self, request: Request) -> Callable[[], None]:
        if request.headers.get("x-acs-dingtalk-access-token") not in self._tokens:
            raise No("", "InvalidAuthentication", "不合法的access_token")
        body = await object_of(request)
        for field, key in (("robotCode", "robot_code"), ("openConversationId", "open_conversation_id")):
            if body.get(field) != self._keys[key]:
                raise No("", f"invalidParameter.{field}.notExsit", f"{field} 不存在")
        self._check_speed()
        photo = msgspec.json.decode(str(body.get("msgParam", "{}"))).get("photoURL", "")
        if body.get("msgKey") != "sampleImageMsg" or photo not in self._media:
            raise No("", "invalidParameter.msgParam.invalid", "msgParam 不合法")
        return lambda: self.room.show("dingtalk", "图片", "", picture=self._media[photo], raw=body)
