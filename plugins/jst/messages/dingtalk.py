"""DingTalk: a group's custom robot for words, a company's app robot for pictures (a webhook cannot upload)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from jst.clock import Clock
from jst.erp.budget import Rate
from jst.errors import Misconfigured
from jst.messages.channel_settings import DingTalkApp, DingTalkSettings
from jst.messages.dingtalk_codes import check, check_app
from jst.messages.message import Posted
from jst.messages.robot import Addressee, Post
from jst.messages.text_cut import within_bytes
from jst.messages.web_post import WebPost

MOST_BYTES = 18_000
"""Of the text; a robot accepts 20,000 bytes with everything around it."""
_TOKEN_MARGIN_SECONDS = 300.0


class DingTalkRobot:
    """A group's robot; not for several threads at once."""

    rates = (Rate(15, 60),)
    """It may 20 a minute; one more, and it is silent for ten minutes."""

    def __init__(self, settings: DingTalkSettings, clock: Clock, web: WebPost | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._web = web or WebPost("钉钉")
        self._token, self._token_until = "", 0.0

    def prepare(self, posted: Posted, picture: bytes | None, people: Sequence[Addressee]) -> Post:
        """Upload the picture where there is an app robot for it; the words are the message everywhere else."""
        app = self._settings.app
        if picture is not None and app is not None:
            media = self._upload(app, picture)
            return lambda: self._post_picture(app, media)
        body = markdown_body(posted, people)
        return lambda: self.post(body)

    def post(self, body: dict[str, Any]) -> None:
        """Post the body of a custom robot's message, as DingTalk describes it."""
        settings = self._settings
        query = {"access_token": settings.access_token}
        if settings.secret:
            milliseconds = int(self._clock.now().timestamp() * 1000)
            query |= {"timestamp": str(milliseconds), "sign": sign(settings.secret, milliseconds)}
        address = "&".join(f"{name}={quote_plus(value)}" for name, value in query.items())
        check(self._web.post(f"{settings.host}/robot/send?{address}", json=body))

    def check_app_keys(self) -> bool:
        """Ask for the app robot's token; nothing is sent. False: there is none to ask for. Raises as ``post``."""
        if self._settings.app is not None:
            self._app_token(self._settings.app)
        return self._settings.app is not None

    def _upload(self, app: DingTalkApp, picture: bytes) -> str:
        reply = self._web.post(
            f"{self._settings.host}/media/upload?access_token={quote_plus(self._app_token(app))}&type=image",
            files={"media": ("board.png", picture, "image/png")},
        )
        check(reply)
        return str(reply.body["media_id"])

    def _app_token(self, app: DingTalkApp) -> str:
        now = self._clock.monotonic()
        if now >= self._token_until:
            keys = {"appKey": app.app_key, "appSecret": app.app_secret}
            reply = self._web.post(f"{app.api_host}/v1.0/oauth2/accessToken", json=keys)
            check_app(reply)
            self._token = str(reply.body.get("accessToken") or "")
            if not self._token:
                raise Misconfigured("钉钉没有给出应用的 accessToken", do="核对连接的 extra.app_key 与 extra.app_secret")
            self._token_until = now + float(reply.body.get("expireIn", 7200)) - _TOKEN_MARGIN_SECONDS
        return self._token

    def _post_picture(self, app: DingTalkApp, media: str) -> None:
        body = {
            "robotCode": app.robot_code,
            "openConversationId": app.open_conversation_id,
            "msgKey": "sampleImageMsg",
            "msgParam": json.dumps({"photoURL": media}),
        }
        headers = {"x-acs-dingtalk-access-token": self._app_token(app)}
        check_app(self._web.post(f"{app.api_host}/v1.0/robot/groupMessages/send", json=body, headers=headers))


def sign(secret: str, milliseconds: int) -> str:
    """Sign a moment; the result is not yet quoted for an address."""
    text = f"{milliseconds}\n{secret}"
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def markdown_body(posted: Posted, people: Sequence[Addressee]) -> dict[str, Any]:
    """Make a markdown message. The text itself must carry ``@`` and the number, or no one is called."""
    message = posted.message
    mobiles = [person.mobile for person in people if person.mobile]
    ids = [person.dingtalk_id for person in people if not person.mobile and person.dingtalk_id]
    names = [person.name for person in people if not person.mobile and not person.dingtalk_id]
    parts = [f"### {message.title}", *message.lines]
    if message.picture_url:
        parts.insert(1, f"![{message.title}]({message.picture_url})")
    tail = [f"[{message.link_title}]({message.link})"] if message.link else []
    tail += [posted.repeated] if posted.repeated else []
    tail += [" ".join(f"@{who}" for who in (*mobiles, *ids, *names))] if people else []
    text = within_bytes(parts, tail, MOST_BYTES)
    at = {"atMobiles": mobiles, "atUserIds": ids, "isAtAll": False}
    return {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}, "at": at}
