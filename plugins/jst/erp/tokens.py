"""The access token of the ``openapi`` dialect: where it is kept, and when it is renewed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from jst.clock import Clock
from jst.errors import JstError, Misconfigured, Reauthorise, Retry

_LAST_SHARE = 0.1
_LAST_HOURS = timedelta(hours=24)
_LATER = timedelta(minutes=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the source gave it, and our own time when it did."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued: datetime
    ends: datetime

    def due(self, now: datetime) -> bool:
        """Return whether less than 24 hours or a tenth of its life is left. A life too short for that counts 24 hours
        as its half."""
        life = self.ends - self.issued
        return self.ends - now < max(life * _LAST_SHARE, min(_LAST_HOURS, life / 2))


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A stored token. ``number`` grows with every renewal; 0 and no token where none was ever kept."""

    number: int = 0
    token: Token | None = None


class TokenStore(Protocol):
    """Keeps the token of one credential for all processes that use it."""

    def current(self) -> StoredToken: ...

    def renewed(self, stale: int, fetch: Callable[[Token | None], Token]) -> StoredToken:
        """Return the token after number ``stale``: that of another process which has fetched or is fetching it, else
        the result of ``fetch``, which is given the old one."""


class MemoryTokens:
    """Keeps the token for one process: a script or a test."""

    def __init__(self) -> None:
        self._kept = StoredToken()

    def current(self) -> StoredToken:
        return self._kept

    def renewed(self, stale: int, fetch: Callable[[Token | None], Token]) -> StoredToken:
        if self._kept.number == stale:
            self._kept = StoredToken(stale + 1, fetch(self._kept.token))
        return self._kept


class Tokens(Protocol):
    """The source's two token calls; each raises Reauthorise or Misconfigured when the source refuses."""

    def first(self) -> Token: ...

    def refreshed(self, old: Token) -> Token: ...


class TokenKeeper:
    """Holds a valid token, or fetches one. One per client."""

    def __init__(self, store: TokenStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._kept = StoredToken()
        self._refused = 0
        self._not_before: datetime | None = None

    @property
    def token(self) -> Token:
        if self._kept.token is None:
            raise LookupError("nobody asked for a token yet")
        return self._kept.token

    def refuse(self) -> None:
        """Note that the source refused the token: the next ``ready`` gets another."""
        self._refused = self._kept.number

    def ready(self, calls: Tokens) -> None:
        """Renew the token when it was refused or expires soon. Raises what the calls or the store raise; while
        the old token is valid, trouble with the new one is only logged."""
        if self._kept.token is None:
            self._kept = self._store.current()
        now, token = self._clock.now(), self._kept.token
        if token is None or now >= token.ends or self._kept.number <= self._refused:
            self._renew(calls)
        elif token.due(now) and (self._not_before is None or now >= self._not_before):
            try:
                self._renew(calls)
            except Retry as trouble:
                self._not_before = now + _LATER
                log.warning("令牌 %s 到期，这次没有续上，先用旧的：%s", f"{token.ends:%F %T}", trouble)

    def _renew(self, calls: Tokens) -> None:
        self._kept = self._store.renewed(self._kept.number, lambda old: _fetch(calls, old))


def _fetch(calls: Tokens, old: Token | None) -> Token:
    if old is not None and old.refresh:
        try:
            return calls.refreshed(old)
        except (Reauthorise, Misconfigured) as refused:
            log.info("聚水潭没有续期令牌，改领新的：%s", refused.what)
    try:
        return calls.first()
    except Reauthorise as refused:
        raise _not_authorised(refused) from None


def _not_authorised(refused: JstError) -> Misconfigured:
    return Misconfigured(
        f"聚水潭不给这个应用发令牌：{refused.what}",
        do="自建应用：在开放平台控制台核对应用的状态和授权；第三方应用：请商家重新授权。然后清除失败的任务",
        where=refused.where,
    )
