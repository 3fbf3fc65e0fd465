"""Dialect ``gateway``: JSON over POST, bearer JWT (HS256), flat envelope, HTTP 429, window + page_index."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta

import jwt
import msgspec
from jwt.warnings import InsecureKeyLengthWarning

from jst.clock import Clock
from jst.erp.budget import Rate
from jst.erp.connection_settings import Settings
from jst.erp.dialect import Answer, Ask, Page, Question, Sealed, date_type
from jst.erp.envelope import AGAIN, Object, count_of, opened, rows_of, yes_or_no
from jst.erp.error_signals import server_time
from jst.erp.gateway_codes import signal_of
from jst.errors import Misconfigured, Retry, Where
from jst.model.module import Module
from jst.model.window import Window, source_text

# The vendor chooses how long a secret is; the warning would stand in every task log.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)

_BACKDATED = timedelta(seconds=30)  # a source whose clock is a little behind would see a token from the future
_LIFE = timedelta(seconds=570)
_RENEWED_BEFORE = timedelta(seconds=90)


class Gateway:
    """Speaks the dialect for one connection; keeps one token per scope."""

    name = "gateway"

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def budget(self, module: Module) -> tuple[str, Sequence[Rate]]:
        endpoint = module.endpoint(self.name)
        return endpoint.path, (Rate(self._settings.quotas.get(module.name, endpoint.quota_per_second), 1.0),)

    def window(self, module: Module, window: Window, index: int) -> Question:
        return window_question(module, window, index)

    def since(self, module: Module, ts: int) -> Question:
        raise Misconfigured(
            f"gateway 方言没有 ts 游标，不能从 ts {ts} 起读模块 {module.name}",
            do="这个方言按窗口读取；连接的 extra.dialect 改过时，清除旧方言留下的计划",
        )

    def listing(self, module: Module, index: int) -> Question:
        return {"page_index": index, "page_size": module.endpoint(self.name).page_size}

    def keys(self, module: Module, keys: Sequence[str]) -> Question:
        return keys_question(module, keys)

    def sealed(self, module: Module, question: Question) -> Sealed:
        headers = {
            "Authorization": f"Bearer {self._token(module.endpoint(self.name).scope)}",
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        }
        return Sealed(headers, msgspec.json.encode(question))

    def authorise(self, ask: Ask) -> None:
        """Do nothing: the tokens are made here."""

    def renew(self, module: Module) -> None:
        self._tokens.pop(module.endpoint(self.name).scope, None)

    def page(self, module: Module, question: Question, answer: Answer) -> Page:
        endpoint = module.endpoint(self.name)
        return read_page(
            answer,
            question["page_index"],
            size=endpoint.page_size,
            list_key=endpoint.list_key,
            secret=self._settings.app_secret,
        )

    def _token(self, scope: str) -> str:
        now = self._clock.now()
        token, ends = self._tokens.get(scope, ("", now))
        if now >= ends - _RENEWED_BEFORE:
            token, ends = make_token(self._settings.app_key, self._settings.app_secret, scope, now), now + _LIFE
            self._tokens[scope] = token, ends
        return token


def window_question(module: Module, window: Window, index: int) -> Question:
    """Return the parameters of a window. ``status`` is never sent: a cancellation must reach us as a change."""
    question: dict[str, object] = {
        "page_index": index,
        "page_size": module.endpoint("gateway").page_size,
        "start_time": source_text(window.start),
        "end_time": source_text(window.end),
    }
    return {**question, **date_type(module, window)}


def keys_question(module: Module, keys: Sequence[str]) -> Question:
    """Return the parameters for the first page of the records whose first key field is one of ``keys``."""
    return {"page_index": 1, "page_size": module.endpoint("gateway").page_size, f"{module.key[0]}s": list(keys)}


def make_token(app_key: str, app_secret: str, scope: str, now: datetime) -> str:
    """Return a JWT that may be used for about nine and a half minutes from ``now``; the source takes at most ten."""
    issued = now - _BACKDATED
    claims = {
        "app_key": app_key,
        "scope": scope,
        "iat": int(issued.timestamp()),
        "exp": int((now + _LIFE).timestamp()),
    }
    return jwt.encode(claims, app_secret, algorithm="HS256")


def read_page(answer: Answer, index: int, *, size: int, list_key: str, secret: str) -> Page:
    """Validate an answer or raise: Refused, Retry, Reauthorise or Misconfigured. ``size``: rows asked for per page;
    ``secret`` is used only to remove it from the source's words that are quoted."""
    envelope, where = opened(answer, signal_of, secret)
    rows, total = rows_of(envelope, list_key, where), count_of(envelope, "total", where)
    return Page(
        index=index,
        rows=rows,
        total=total,
        has_next=_has_next(envelope, total, index * size, where),
        server_time=server_time(answer.headers),
        request_id=where.request_id,
        ticket=answer.ticket,
        milliseconds=answer.milliseconds,
    )


def _has_next(envelope: Object, total: int | None, seen: int, where: Where) -> bool:
    said = yes_or_no(envelope.get("has_next"))
    if said is not None:
        return said
    if total is None:
        raise Retry("聚水潭的答复里既没有 has_next 也没有 total，不知道是否还有下一页", do=AGAIN, where=where)
    return seen < total
