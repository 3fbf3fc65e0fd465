"""Dialect ``gateway``: JSON over POST, bearer JWT (HS256), flat envelope, HTTP 429, window + page_index."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta

import jwt
import msgspec
from jwt.warnings import InsecureKeyLengthWarning

from jst.clock import Clock
from jst.erp.budget import Rate
from jst.erp.dialect import Answer, Page, Question, Sealed
from jst.erp.settings import Settings
from jst.erp.signals import harmless, refusal, server_time
from jst.errors import Misconfigured, Retry, Where
from jst.flow.window import Window, source_text
from jst.spec import Module

# The vendor chooses how long a secret is; the warning would stand in every task log.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)

_BACKDATED = timedelta(seconds=30)  # a source whose clock is a little behind would see a token from the future
_LIFE = timedelta(seconds=570)
_RENEWED_BEFORE = timedelta(seconds=90)
_DATE_TYPES = {"modified": 0, "io_date": 2}
_AGAIN = "系统会自动再试；持续出现时联系聚水潭并给出 request_id 或时刻"

_decode = msgspec.json.Decoder(float_hook=str).decode
_tag = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Gateway:
    """The dialect of one connection; keeps one token per scope."""

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

    def renew(self, module: Module) -> None:
        self._tokens.pop(module.endpoint(self.name).scope, None)

    def page(self, module: Module, index: int, answer: Answer) -> Page:
        endpoint = module.endpoint(self.name)
        return read_page(
            answer, index, size=endpoint.page_size, list_key=endpoint.list_key, secret=self._settings.app_secret
        )

    def _token(self, scope: str) -> str:
        now = self._clock.now()
        token, ends = self._tokens.get(scope, ("", now))
        if now >= ends - _RENEWED_BEFORE:
            token, ends = make_token(self._settings.app_key, self._settings.app_secret, scope, now), now + _LIFE
            self._tokens[scope] = token, ends
        return token


def window_question(module: Module, window: Window, index: int) -> Question:
    """``status`` is never sent: a cancellation must reach us as a change."""
    question: dict[str, object] = {
        "page_index": index,
        "page_size": module.endpoint("gateway").page_size,
        "start_time": source_text(window.start),
        "end_time": source_text(window.end),
    }
    if "io_date" in module.fields:
        question["date_type"] = _DATE_TYPES[window.field]
    elif window.field != "modified":
        raise Misconfigured(f"模块 {module.name} 没有时间字段 {window.field}", do="改用 modified 窗口")
    return question


def keys_question(module: Module, keys: Sequence[str]) -> Question:
    """The first page of the records whose first key field is one of ``keys``."""
    return {"page_index": 1, "page_size": module.endpoint("gateway").page_size, f"{module.key[0]}s": list(keys)}


def make_token(app_key: str, app_secret: str, scope: str, now: datetime) -> str:
    """A JWT that may be used for about nine and a half minutes from ``now``; the source takes at most ten."""
    issued = now - _BACKDATED
    claims = {
        "app_key": app_key,
        "scope": scope,
        "iat": int(issued.timestamp()),
        "exp": int((now + _LIFE).timestamp()),
    }
    return jwt.encode(claims, app_secret, algorithm="HS256")


def read_page(answer: Answer, index: int, *, size: int, list_key: str, secret: str) -> Page:
    """Believe an answer or raise: Refused, Retry, Reauthorise or Misconfigured. ``size``: rows asked for per page;
    ``secret`` is only removed from whatever the source's words are quoted."""
    envelope = _envelope(answer.body)
    where = Where(request_id=_request_id(envelope), ticket=answer.ticket)
    code = _whole(envelope.get("code")) if envelope is not None else None
    if answer.status != 200 or code:
        words = str(envelope.get("msg") or "") if envelope is not None else _looks(answer)
        raise refusal(answer.status, code or 0, harmless(words, secret), answer.headers, answer.received, where)
    if envelope is None:
        raise Retry(
            f"聚水潭的答复不是完整的 JSON（{harmless(_looks(answer), secret, most=160)}）", do=_AGAIN, where=where
        )
    if code is None:
        raise Retry("聚水潭的答复里没有 code", do=_AGAIN, where=where)
    rows, total = _rows(envelope, list_key, where), _total(envelope, where)
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


def _envelope(body: bytes) -> dict[str, object] | None:
    for decode in (_decode, _decode_leniently):
        try:
            decoded = decode(body)
        except (ValueError, RecursionError):
            continue
        return decoded if isinstance(decoded, dict) else None
    return None


def _decode_leniently(body: bytes) -> object:
    """One row's stray byte, raw tab or half emoji must not hide the other rows; broken structure still raises."""
    return json.loads(body.decode("utf-8", "replace"), parse_float=str, parse_constant=str, strict=False)


def _request_id(envelope: dict[str, object] | None) -> str:
    text = str((envelope or {}).get("request_id") or "")
    return text if re.fullmatch(r"[\w.:-]{1,64}", text, re.ASCII) else ""


def _looks(answer: Answer) -> str:
    """What an unreadable body looks like. The beginning of broken JSON may be a person's data: only its size."""
    kind = answer.headers.get("content-type", "没有 content-type")
    text = answer.body[:4096].decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if not text or text[0] in '{["':
        return f"{kind}，{len(answer.body)} 字节，中途断开或有坏字符"
    return f"{kind}，开头：{_tag.sub(' ', text).strip()}"


def _rows(envelope: dict[str, object], list_key: str, where: Where) -> tuple[object, ...]:
    rows = envelope.get(list_key)
    if rows is None:
        state = f"{list_key} 为 null" if list_key in envelope else f"没有 {list_key}"
        raise Retry(f"聚水潭的答复里{state}，不能当作没有数据", do=_AGAIN, where=where)
    if not isinstance(rows, list):
        raise Retry(f"聚水潭的答复里 {list_key} 不是列表", do=_AGAIN, where=where)
    return tuple(rows)


def _total(envelope: dict[str, object], where: Where) -> int | None:
    if envelope.get("total") is None:
        return None
    total = _whole(envelope["total"])
    if total is None or total < 0:
        raise Retry("聚水潭的答复里 total 不是条数", do=_AGAIN, where=where)
    return total


def _has_next(envelope: dict[str, object], total: int | None, seen: int, where: Where) -> bool:
    said = envelope.get("has_next")
    said = said.strip().lower() if isinstance(said, str) else said
    if said in (True, "true", "1"):
        return True
    if said in (False, "false", "0"):
        return False
    if total is None:
        raise Retry("聚水潭的答复里既没有 has_next 也没有 total，不知道是否还有下一页", do=_AGAIN, where=where)
    return seen < total


def _whole(value: object) -> int | None:
    """12, "12" and 12.0 are whole numbers; True is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text.partition(".")[0]) if re.fullmatch(r"-?[0-9]{1,18}(\.0*)?", text, re.ASCII) else None
