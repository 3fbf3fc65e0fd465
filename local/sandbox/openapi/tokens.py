"""The merchant's tokens: one pair is in force at a time, kept over restarts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from local.sandbox.answers import Refusal
from local.sandbox.front import App
from local.sandbox.store import Store

INIT = "/openWeb/auth/getInitToken"
REFRESH = "/openWeb/auth/refreshToken"


class Tokens:
    """``life``: seconds an access token lasts; its refresh token lasts twice as long. ``now`` is Unix seconds."""

    def __init__(self, store: Store, app: App, life: int) -> None:
        self._store, self._app, self._life = store, app, life

    def grant(self, path: str, form: Mapping[str, str], now: float) -> dict[str, Any]:
        """Return what a token call gives. Raises Refusal.

        getInitToken gives the pair in force with what is left of it, or a new one; refreshToken always a new one, and
        the one before is void.
        """
        if path == INIT:
            _expect(form, "grant_type", "authorization_code")
            if len(form.get("code", "")) != 6:
                raise Refusal(200, 140, "参数不符合规范：code 必须是 6 位随机字符")
            if now >= self._store.recall("token_expires"):
                self._renew(now)
        else:
            _expect(form, "grant_type", "refresh_token")
            _expect(form, "scope", "all")
            over = now >= self._store.recall("token_expires") + self._life
            if over or form.get("refresh_token") != self._text("refresh"):
                raise Refusal(200, 100, "refresh_token 无效或已过期，请重新授权")
            self._renew(now)
        return {
            "access_token": self._text("access"),
            "refresh_token": self._text("refresh"),
            "expires_in": int(self._store.recall("token_expires") - now),
            "scope": "all",
        }

    def check(self, access_token: str, now: float) -> None:
        """Raise Refusal 100 unless it is the token in force."""
        known = self._store.recall("token") and hmac.compare_digest(access_token, self._text("access"))
        if not known or now >= self._store.recall("token_expires"):
            raise Refusal(200, 100, "access_token 无效或已过期")

    def _renew(self, now: float) -> None:
        with self._store.transaction():
            self._store.number("token")
            self._store.remember("token_expires", int(now) + self._life)

    def _text(self, use: str) -> str:
        seed = f"{use}/{self._store.recall('token')}"
        return hmac.new(self._app.secret.encode(), seed.encode(), hashlib.sha256).hexdigest()[:32]


def _expect(form: Mapping[str, str], name: str, value: str) -> None:
    if form.get(name) != value:
        raise Refusal(200, 140, f"参数不符合规范：{name} 应为 {value}")
