"""Feishu: a group's custom bot for cards; an app bot uploads what the cards show."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec

from jst.clock import Clock
from jst.erp.budget import Rate
from jst.errors import Misconfigured, Reauthorise
from jst.messages.channel_settings import FeishuSettings
from jst.messages.feishu_codes import check
from jst.messages.message import Posted, Severity
from jst.messages.robot import Addressee, Post
from jst.messages.text_cut import cut_bytes, within_bytes
from jst.messages.web_post import WebPost

MOST_BYTES = 20 * 1024
"""Of the request's body."""
_TEXT_BYTES = 14_000
_COLOURS: dict[Severity, str] = {"info": "blue", "warning": "orange", "critical": "red", "good": "green"}
_TOKEN_MARGIN_SECONDS = 300.0


class FeishuBot:
    """A group's bot; not for several threads at once."""

    rates = (Rate(4, 1), Rate(80, 60))
    """It may 5 a second and 100 a minute, with all other bots of the company when the platform is busy."""

    def __init__(self, settings: FeishuSettings, clock: Clock, web: WebPost | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._web = web or WebPost("飞书")
        self._token, self._token_until = "", 0.0

    def prepare(self, posted: Posted, picture: bytes | None, people: Sequence[Addressee]) -> Post:
        """Upload the picture where there is an app for it; the card has its words everywhere."""
        image = self._upload(picture) if picture is not None and self._settings.app_id else ""
        card = card_of(posted, people, image)
        return lambda: self.post({"msg_type": "interactive", "card": card})

    def post(self, body: dict[str, Any]) -> None:
        """Post the body of a custom bot's message, as Feishu describes it; it is signed here."""
        settings = self._settings
        if settings.secret:
            seconds = int(self._clock.now().timestamp())
            body = {"timestamp": str(seconds), "sign": sign(settings.secret, seconds), **body}
        content, kind = msgspec.json.encode(body), {"Content-Type": "application/json"}
        check(
            self._web.post(f"{settings.host}/open-apis/bot/v2/hook/{settings.hook_id}", content=content, headers=kind)
        )

    def check_app_keys(self) -> bool:
        """Ask for the app's token; nothing is sent. False: there is none to ask for. Raises as ``post``."""
        return bool(self._settings.app_id and self._tenant_token())

    def _upload(self, picture: bytes) -> str:
        try:
            return self._upload_once(picture)
        except Reauthorise:
            self._token_until = 0.0
            return self._upload_once(picture)

    def _upload_once(self, picture: bytes) -> str:
        reply = self._web.post(
            f"{self._settings.host}/open-apis/im/v1/images",
            data={"image_type": "message"},
            files={"image": ("board.png", picture, "image/png")},
            headers={"Authorization": f"Bearer {self._tenant_token()}"},
        )
        check(reply)
        return str(reply.body["data"]["image_key"])

    def _tenant_token(self) -> str:
        now = self._clock.monotonic()
        if now >= self._token_until:
            reply = self._web.post(
                f"{self._settings.host}/open-apis/auth/v3/tenant_access_token/internal",
                json={"app_id": self._settings.app_id, "app_secret": self._settings.app_secret},
            )
            check(reply)
            self._token = str(reply.body.get("tenant_access_token") or "")
            if not self._token:
                raise Misconfigured(
                    "飞书没有给出 tenant_access_token", do="核对连接的 extra.app_id 与 extra.app_secret"
                )
            self._token_until = now + float(reply.body.get("expire", 7200)) - _TOKEN_MARGIN_SECONDS
        return self._token


def sign(secret: str, seconds: int) -> str:
    """Sign a moment: key and message are the other way round than DingTalk's."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", "sha256")).decode()


def card_of(posted: Posted, people: Sequence[Addressee], image_key: str = "") -> dict[str, Any]:
    """Make a card of JSON 2.0."""
    message = posted.message
    who = [f"<at id={person.feishu_id}></at>" if person.feishu_id else f"@{person.name}" for person in people]
    tail = [part for part in (posted.repeated, " ".join(who)) if part]
    elements: list[dict[str, Any]] = []
    if image_key:
        title = {"tag": "plain_text", "content": cut_bytes(message.title, 200)}
        elements.append({"tag": "img", "img_key": image_key, "alt": title})
    text = within_bytes(message.lines, tail, _TEXT_BYTES)
    if text:
        elements.append({"tag": "markdown", "content": text})
    if message.link:
        elements.append(
            {
                "tag": "button",
                "type": "primary",
                "text": {"tag": "plain_text", "content": message.link_title},
                "behaviors": [{"type": "open_url", "default_url": message.link}],
            }
        )
    return {
        "schema": "2.0",
        "header": {
            "template": _COLOURS[message.severity],
            "title": {"tag": "plain_text", "content": cut_bytes(message.title, 400)},
        },
        "body": {"elements": elements},
    }
