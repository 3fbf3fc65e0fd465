"""Dialect ``openapi``: the public API. Signed form over POST, nested envelope, codes in HTTP 200, ts cursor."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

import msgspec

from jst.clock import Clock
from jst.erp.budget import Rate
from jst.erp.connection_settings import Settings
from jst.erp.dialect import Answer, Ask, Page, Question, Sealed, date_type
from jst.erp.envelope import AGAIN, Object, count_of, opened, parse_int, refused, rows_of, yes_or_no
from jst.erp.error_signals import server_time
from jst.erp.openapi_codes import signal_of
from jst.erp.tokens import Token, TokenKeeper, TokenStore
from jst.errors import Misconfigured, Retry, Where
from jst.model.module import Endpoint, Module
from jst.model.window import Window, source_text

INIT_PATH = "/openWeb/auth/getInitToken"
REFRESH_PATH = "/openWeb/auth/refreshToken"
REQUESTS_PER_SECOND, REQUESTS_PER_MINUTE = 5.0, 100.0
_EVERYTHING = "*"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}


class Openapi:
    """Speaks the dialect for one connection: one token and one budget for all its endpoints."""

    name = "openapi"

    def __init__(self, settings: Settings, clock: Clock, tokens: TokenStore) -> None:
        self._settings, self._clock = settings, clock
        self._keeper = TokenKeeper(tokens, clock)

    def budget(self, module: Module) -> tuple[str, Sequence[Rate]]:
        quotas = self._settings.quotas
        return _EVERYTHING, (
            Rate(quotas.get("second", REQUESTS_PER_SECOND), 1.0),
            Rate(quotas.get("minute", REQUESTS_PER_MINUTE), 60.0),
        )

    def window(self, module: Module, window: Window, index: int) -> Question:
        """``status`` is never sent: a cancellation must reach us as a change."""
        return {
            **self.listing(module, index),
            "modified_begin": source_text(window.start),
            "modified_end": source_text(window.end),
            **date_type(module, window),
        }

    def since(self, module: Module, ts: int) -> Question:
        endpoint = module.endpoint(self.name)
        if not endpoint.cursor:
            raise Misconfigured(
                f"模块 {module.name} 在 openapi 方言里没有 ts 游标",
                do="按窗口读取，或在模块文件的 openapi 里写明 cursor",
            )
        question = {**self.listing(module, 1), endpoint.cursor: ts}
        return {**question, "is_get_total": False} if endpoint.counts else question

    def listing(self, module: Module, index: int) -> dict[str, object]:
        return {"page_index": index, "page_size": module.endpoint(self.name).page_size}

    def keys(self, module: Module, keys: Sequence[str]) -> Question:
        endpoint = module.endpoint(self.name)
        return {**self.listing(module, 1), f"{module.key[0]}s": _spelled(keys, endpoint.keys_as)}

    def authorise(self, ask: Ask) -> None:
        self._keeper.ready(_TokenCalls(self._settings, self._clock, ask))

    def renew(self, module: Module) -> None:
        self._keeper.refuse()

    def sealed(self, module: Module, question: Question) -> Sealed:
        form = {
            "access_token": self._keeper.token.access,
            "version": "2",
            "biz": msgspec.json.encode(question).decode(),
        }
        return seal(form, self._settings, self._clock)

    def page(self, module: Module, question: Question, answer: Answer) -> Page:
        hidden = self._settings.app_secret, self._keeper.token.access, self._keeper.token.refresh
        return read_page(answer, question, module.endpoint(self.name), *hidden)


class _TokenCalls:
    """Makes the two calls that return a token; neither carries one."""

    def __init__(self, settings: Settings, clock: Clock, ask: Ask) -> None:
        self._settings, self._clock, self._ask = settings, clock, ask

    def first(self) -> Token:
        return self._token(INIT_PATH, {"grant_type": "authorization_code", "code": secrets.token_hex(3)})

    def refreshed(self, old: Token) -> Token:
        return self._token(
            REFRESH_PATH, {"grant_type": "refresh_token", "refresh_token": old.refresh, "scope": "all"}, old
        )

    def _token(self, path: str, form: Mapping[str, str], old: Token | None = None) -> Token:
        hidden = (self._settings.app_secret, *((old.access, old.refresh) if old else ()))
        return self._ask(
            path, lambda: seal(form, self._settings, self._clock), lambda answer: read_token(answer, *hidden)
        )


def seal(form: Mapping[str, str], settings: Settings, clock: Clock) -> Sealed:
    """Return the form with the system parameters and its signature, timed now."""
    dated = {
        **form,
        "app_key": settings.app_key,
        "timestamp": str(int(clock.now().timestamp())),
        "charset": "utf-8",
    }
    return Sealed(_HEADERS, urlencode({**dated, "sign": sign(dated, settings.app_secret)}).encode())


def sign(form: Mapping[str, str], app_secret: str) -> str:
    """Return the MD5 over secret, then key and value of every parameter that is not empty, in order of keys, not
    URL-encoded."""
    text = app_secret + "".join(f"{key}{form[key]}" for key in sorted(form) if form[key])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def read_token(answer: Answer, *hidden: str) -> Token:
    """Return the token of a token call's answer; raises Retry when there is none in it."""
    envelope, where = opened(answer, signal_of, *hidden)
    data = envelope.get("data")
    holder = data if isinstance(data, dict) else {}
    access, seconds = holder.get("access_token"), parse_int(holder.get("expires_in"))
    if not isinstance(access, str) or not access or seconds is None or seconds <= 0:
        raise Retry("聚水潭的答复里没有令牌或没有有效期", do=AGAIN, where=where)
    ends = answer.received + timedelta(seconds=seconds)
    return Token(access, str(holder.get("refresh_token") or ""), answer.received, ends)


def read_page(answer: Answer, question: Question, endpoint: Endpoint, *hidden: str) -> Page:
    """Validate an answer or raise: Refused, Retry, Reauthorise or Misconfigured. ``hidden``: what is removed from
    the source's words where they are quoted."""
    envelope, where = opened(answer, signal_of, *hidden)
    data = _data(envelope, answer, where, *hidden)
    counted = endpoint.cursor not in question  # along the cursor the source counts nothing, whatever it says
    total = count_of(data, "data_count", where) if counted else None
    index, size = question["page_index"], question["page_size"]
    rows = _rows(data, endpoint.list_key, where, seen=not counted and question[endpoint.cursor] > 0)
    more = _has_next(data, index, size, len(rows), counted, where)
    if more and not rows:
        raise Retry("聚水潭的答复是空页，却说还有下一页", do=AGAIN, where=where)
    return Page(
        index=index,
        rows=rows,
        total=total,
        has_next=more,
        server_time=server_time(answer.headers),
        request_id=where.request_id,
        ticket=answer.ticket,
        milliseconds=answer.milliseconds,
    )


def _data(envelope: Object, answer: Answer, where: Where, *hidden: str) -> Object:
    """Return the inner object, which may report a failure of its own although the envelope says success."""
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise Retry("聚水潭的答复里没有 data，不能当作没有数据", do=AGAIN, where=where)
    code = parse_int(data.get("code")) or 0
    if code or yes_or_no(data.get("issuccess")) is False:
        raise refused(answer, signal_of, code, str(data.get("msg") or ""), where, *hidden)
    return data


def _rows(data: Object, key: str, where: Where, *, seen: bool) -> tuple[object, ...]:
    """Return the rows; null is an empty list where the answer itself says that there is nothing. ``seen``: the request
    named the ts of a row that was seen, which cannot be missing from the answer."""
    more, count = yes_or_no(data.get("has_next")), count_of(data, "data_count", where)
    if not seen and key in data and data[key] is None and not more and not count and (more is False or count == 0):
        return ()
    return rows_of(data, key, where)


def _has_next(data: Object, index: int, size: int, rows: int, counted: bool, where: Where) -> bool:
    said = yes_or_no(data.get("has_next"))
    if said is not None:
        return said
    pages, count = count_of(data, "page_count", where), count_of(data, "data_count", where)
    if counted and (pages or count):
        return index < pages if pages else index * size < (count or 0)
    return rows >= size


def _spelled(keys: Sequence[str], keys_as: str) -> object:
    if keys_as == "comma":
        return ",".join(keys)
    return [int(key) if keys_as == "numbers" and key.isascii() and key.isdecimal() else key for key in keys]
