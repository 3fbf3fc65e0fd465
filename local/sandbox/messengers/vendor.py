"""What the stand-ins have in common: troubles of the line, refusals by their code, limits in sliding windows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.sandbox.answers import Dropped, document
from local.sandbox.messengers.room import Room, Vendor
from local.sandbox.messengers.troubles import REFUSALS, Troubles

_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"
Sleep = Callable[[float], Awaitable[None]]


class No(Exception):
    """A refusal of the vendor: one of the names of ``REFUSALS``, or a code and what it says."""

    def __init__(self, name: str, code: str = "", said: str = "") -> None:
        super().__init__(name)
        self.name, self.code, self.said = name, code, said


class Limit:
    """At most ``most`` in any ``seconds``."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._times: deque[float] = deque()

    def exceeded(self) -> bool:
        """Count one more; say whether it is one too many."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        self._times.append(now)
        return len(self._times) > self._most


class StandIn(ABC):
    """One vendor. ``troubles`` strike requests that say something to people, not those for tokens and uploads."""

    vendor: Vendor

    def __init__(self, room: Room, troubles: Troubles, sleep: Sleep) -> None:
        self.room, self._troubles, self._sleep = room, troubles, sleep

    @abstractmethod
    def routes(self) -> list[Route]:
        """Return what it answers."""

    @abstractmethod
    def forget(self) -> None:
        """Count from nothing again."""

    @abstractmethod
    def body(self, code: str, said: str) -> dict[str, Any]:
        """Return an answer's body; code '0' or 'OK': accepted."""

    def saying(self, serve: Callable[[Request], Awaitable[Callable[[], None]]]) -> Callable[[Request], Any]:
        """Wrap what judges a message and returns how people see it."""

        async def answer(request: Request) -> Response:
            trouble, seconds = self._troubles.hit(self.vendor)
            if before := await self._before(trouble, seconds):
                return before
            try:
                if trouble in REFUSALS[self.vendor]:
                    raise No(trouble)
                show = await serve(request)
            except No as no:
                return self._refused(no)
            show()
            return await self._after(trouble, seconds) or self._accepted()

        return answer

    def asking(self, serve: Callable[[Request], Awaitable[dict[str, Any]]]) -> Callable[[Request], Any]:
        """Wrap what hands out tokens and takes pictures."""

        async def answer(request: Request) -> Response:
            try:
                return _json(await serve(request))
            except No as no:
                return self._refused(no)

        return answer

    async def _before(self, trouble: str, seconds: float) -> Response | None:
        if trouble == "timeout_before":
            await self._sleep(seconds)
        if trouble in ("drop_before", "timeout_before"):
            return Dropped()
        if trouble == "http_500_before":
            return Response("", 500)
        if trouble in ("http_502_html", "not_json"):
            return HTMLResponse(_PAGE, 502 if trouble == "http_502_html" else 200)
        return None

    async def _after(self, trouble: str, seconds: float) -> Response | None:
        if trouble == "timeout_after":
            await self._sleep(seconds)
        if trouble in ("drop_after", "timeout_after"):
            return Dropped()
        return Response("", 500) if trouble == "http_500" else None

    def _accepted(self) -> Response:
        self.room.answers[f"{self.vendor} ok"] += 1
        return _json(self.body("OK" if self.vendor == "sms" else "0", "ok"))

    def _refused(self, no: No) -> Response:
        code, said = (no.code, no.said) if no.code else REFUSALS[self.vendor][no.name]
        self.room.answers[f"{self.vendor} {code}"] += 1
        return _json(self.body(code, said), self.status(code))

    def status(self, code: str) -> int:
        """Return the HTTP status of a refusal: robots answer 200."""
        return 200


async def object_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request. Raises No."""
    try:
        body = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        raise No("bad_format") from None
    if not isinstance(body, dict):
        raise No("bad_format")
    return body


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return document(msgspec.json.encode(body).decode(), status)
