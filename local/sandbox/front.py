"""What both dialects have in common: faults of the line, the server's clock, counting, refusals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from local.sandbox.answers import Dropped, Refusal, Strikes
from local.sandbox.faults import Faults
from local.sandbox.quota import Quota
from local.sandbox.records import Question
from local.sandbox.store import Store

_PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class App:
    """The one application that may call; ``secret`` signs."""

    key: str
    secret: str


class Front(ABC):
    """The ASGI application of a dialect. ``clock`` gives Unix seconds; ``sleep`` takes seconds."""

    refusals: frozenset[int]
    """Codes that say: the quota is used up."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        quota: Quota,
        app: App,
        clock: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._store, self._faults, self._quota, self._app = store, faults, quota, app
        self._clock, self._sleep = clock, sleep
        self.answers: Counter[tuple[str, int]] = Counter()
        """How often each path was answered with each HTTP status (0: not at all)."""
        self.codes: Counter[tuple[str, int]] = Counter()
        """How often each path was answered with each of the source's codes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = request.url.path
        skew = self._faults.hit("clock_skew", path)
        now = self._clock() + (skew["seconds"] if skew else 0.0)
        answer = await self._line_fault(path) or await self._answer(request, path, now)
        status = 0 if isinstance(answer, Dropped) else answer.status_code
        self.answers[self._label(path), status] += 1
        answer.headers["Date"] = formatdate(now, usegmt=True)
        await answer(scope, receive, send)

    async def _line_fault(self, path: str) -> Response | None:
        """Return what goes wrong before the ERP itself sees the request."""
        if fault := self._faults.hit("slow", path):
            await self._sleep(fault["seconds"])
        if fault := self._faults.hit("timeout", path):
            await self._sleep(fault["seconds"])
            return Dropped()
        if self._faults.hit("drop", path):
            return Dropped()
        if self._faults.hit("http_500", path):
            return PlainTextResponse("Internal Server Error", 500)
        if self._faults.hit("http_502_html", path):
            return HTMLResponse(_PROXY_PAGE, 502)
        return None

    async def _answer(self, request: Request, path: str, now: float) -> Response:
        request_id, code = uuid4().hex, 0
        try:
            answer = await self._serve(request, path, now, request_id)
        except Refusal as refusal:
            answer, code = self._refuse(refusal, path, request_id), refusal.code
        self.codes[self._label(path), code] += 1
        return answer

    def _keyed(self, question: Question, path: str, refused: Refusal, bare: Refusal) -> Question:
        """Return the question as a source without questions by key takes it, while that fault is in force. Raises
        ``refused``, or ``bare`` where nothing but keys was asked for."""
        fault = self._faults.hit("keys_refused", path) if question.ids else None
        if fault is None:
            return question
        if fault["form"] == "refused":
            raise refused
        if fault["form"] == "empty":
            return replace(question, ids={column: [] for column in question.ids})
        if question.window is None and question.since is None:
            raise bare
        return replace(question, ids={})

    def _label(self, path: str) -> str:
        return path if path in self.paths() else "other"

    def _strikes(self, path: str) -> Strikes:
        def strikes(fault: str, keys: Collection[str] = ()) -> dict[str, Any] | None:
            return self._faults.hit(fault, path, keys)

        return strikes

    @abstractmethod
    def paths(self) -> Collection[str]:
        """Return the paths it answers."""

    @abstractmethod
    async def _serve(self, request: Request, path: str, now: float, request_id: str) -> Response:
        """Serve the request. Raises Refusal."""

    @abstractmethod
    def _refuse(self, refusal: Refusal, path: str, request_id: str) -> Response: ...


def caller(request: Request) -> str:
    """Return the address the request comes from."""
    return request.client.host if request.client else ""
