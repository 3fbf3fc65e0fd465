"""How a request to the source ended, in the words its figures are counted by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from jst.clock import Clock
from jst.errors import JstError, Refused
from jst.model.words import CallKind


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``outcome``: ok; http_429, http_5xx, code_199 and so on where the source named a status or a code;
    else unsuccessful, unreadable, timeout, unreachable or broken. ``kind``: what that means."""

    module: str
    endpoint: str
    outcome: str
    kind: CallKind
    milliseconds: int


@contextmanager
def counted(module: str, endpoint: str, clock: Clock, count: Callable[[Call], object]) -> Iterator[None]:
    """Count the request that is sent and read within it, whatever becomes of it."""
    began = clock.monotonic()

    def end(outcome: str, kind: CallKind) -> None:
        count(Call(module, endpoint, outcome, kind, round((clock.monotonic() - began) * 1000)))

    try:
        yield
    except (JstError, httpx.HTTPError) as error:
        end(_outcome(error), "refused" if isinstance(error, Refused) else "failed")
        raise
    end("ok", "ok")


def named(status: int, code: int) -> str:
    """Return the outcome of an answer that is an error; ``code`` 0: its envelope named none."""
    if status >= 500:
        return "http_5xx"
    if code and status != 429:
        return f"code_{code}"
    return "unsuccessful" if status == 200 else f"http_{status}"


def _outcome(error: JstError | httpx.HTTPError) -> str:
    if isinstance(error, JstError):
        return error.outcome or "unreadable"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return "unreachable"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "broken"
