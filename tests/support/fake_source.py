"""A clock that nobody waits for, a budget that only counts, and a source whose answers a test writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.erp.call_outcome import Call
from jst.erp.client import Client, Rate
from jst.erp.connection_settings import Settings
from jst.erp.dialect import Answer, Page
from jst.erp.following import Following
from jst.erp.gateway import read_page
from jst.erp.tokens import TokenStore
from jst.model.module import load_module
from jst.model.window import Window

SECRET = "s3cr3t-of-the-merchant-do-not-show-me"
NOON = datetime(2025, 9, 16, 12, 0, 0, tzinfo=SHANGHAI)
SALE_OUT = load_module("sale_out")
SKU = load_module("sku")
WINDOW = Window(NOON - timedelta(minutes=5), NOON)


class FakeClock:
    """Sleeping moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - NOON).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)


class CountingBudget:
    """Grants at once."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, tuple[Rate, ...], str]] = []
        self.refusals: list[tuple[str, float]] = []
        self.calls: list[Call] = []

    def wait_for_slot(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        self.taken.append((bucket, tuple(rates), origin))
        return len(self.taken)

    def refused(self, bucket: str, after: float, origin: str, /) -> None:
        self.refusals.append((bucket, after))

    def answered(self, call: Call, /) -> None:
        self.calls.append(call)

    def storm(self, bucket: str, /) -> str:
        return ""


Respond = Callable[[httpx.Request], httpx.Response] | httpx.Response | Exception


class Source:
    """Answers the n-th request with the n-th of ``answers``, the last one for ever."""

    def __init__(self, *answers: Respond, quotas: Mapping[str, float] | None = None, dialect: str = "gateway") -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []
        self.clock, self.budget = FakeClock(), CountingBudget()
        self.settings = Settings("https://erp.example.com", "app", SECRET, dialect, quotas=quotas or {})

    def client(self, tokens: TokenStore | None = None, following: Following | None = None) -> Client:
        transport = httpx.MockTransport(self._answer)
        return Client(self.settings, self.budget, self.clock, tokens=tokens, following=following, transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    @property
    def tokens(self) -> list[str]:
        return [request.headers["authorization"].removeprefix("Bearer ") for request in self.requests]


def http_date(moment: datetime = NOON) -> str:
    return format_datetime(moment)


def page_answer(*rows: object, date: datetime = NOON, **changes: Any) -> httpx.Response:
    """A good answer; a change to ``...`` leaves that key out."""
    body = {"code": 0, "msg": "", "datas": list(rows), "has_next": False, "total": len(rows), "request_id": "req-1"}
    kept = {name: value for name, value in {**body, **changes}.items() if value is not ...}
    return httpx.Response(200, json=kept, headers={"date": http_date(date)})


def error_answer(
    status: int, code: int | str, msg: str = "说明", *, date: datetime = NOON, **headers: str
) -> httpx.Response:
    body = {"code": code, "msg": msg, "request_id": "req-9"}
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers={"date": http_date(date), **spelled})


def read(response: httpx.Response, index: int = 1, received: datetime = NOON) -> Page:
    """The page, as the gateway dialect believes it."""
    answer = Answer(response.status_code, response.headers, response.content, received, ticket=7, milliseconds=12)
    return read_page(answer, index, size=25, list_key="datas", secret=SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda deep: st.lists(deep, max_size=3) | st.dictionaries(st.text(max_size=3), deep, max_size=3),
    max_leaves=8,
)
