"""What every dialect of the source must be able to do, and the values that pass between it and the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import httpx

from jst.erp.budget import Rate
from jst.errors import Misconfigured
from jst.model.module import Module
from jst.model.window import Window

T = TypeVar("T")
_DATE_TYPES = {"modified": 0, "io_date": 2}
Question = Mapping[str, Any]
"""The business parameters of a request, before a dialect signs them."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answered page. ``rows`` are the source's, unchecked (decimals as exact text); ``total``: rows of the whole
    window as the source counts them, None where it does not; ``server_time``: the answer's Date header, aware."""

    index: int
    rows: tuple[object, ...]
    total: int | None
    has_next: bool
    server_time: datetime | None
    request_id: str
    ticket: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A request ready to send. It holds the token and is never shown."""

    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer, not validated. ``received``: our own clock at that moment."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    received: datetime
    ticket: int
    milliseconds: int


class Ask(Protocol):
    """Sends a request that belongs to no module, such as one for a token, within the budget. ``seal`` signs it,
    ``read`` validates the answer."""

    def __call__(self, path: str, seal: Callable[[], Sealed], read: Callable[[Answer], T], /) -> T: ...


class Dialect(Protocol):
    """Builds, signs and reads the requests of one kind of source."""

    name: str

    def budget(self, module: Module) -> tuple[str, Sequence[Rate]]:
        """Return the bucket the source counts this module's requests in, and its limits."""

    def window(self, module: Module, window: Window, index: int) -> Question:
        """Build the request for page ``index`` (from 1) of a window."""

    def since(self, module: Module, ts: int) -> Question:
        """Build the request for the first records whose ts is ``ts`` or more; raises Misconfigured where there is no
        cursor."""

    def listing(self, module: Module, index: int) -> Question:
        """Build the request for page ``index`` (from 1) of all records."""

    def keys(self, module: Module, keys: Sequence[str]) -> Question:
        """Build the request for records by key, at most one page of them."""

    def authorise(self, ask: Ask) -> None:
        """Make sure there is a token to sign with; called before every request."""

    def sealed(self, module: Module, question: Question) -> Sealed:
        """Sign the request; called anew for every try, so that no try carries an old time."""

    def renew(self, module: Module) -> None:
        """Forget the token, because the source refused it."""

    def page(self, module: Module, question: Question, answer: Answer) -> Page:
        """Validate the answer to ``question``, or raise one of the errors of ``jst.errors``."""


def date_type(module: Module, window: Window) -> dict[str, int]:
    """Return the parameter that says which time a window is on, where the module has a choice; else it must be
    modified."""
    if "io_date" in module.fields:
        return {"date_type": _DATE_TYPES[window.field]}
    if window.field != "modified":
        raise Misconfigured(f"模块 {module.name} 没有时间字段 {window.field}", do="改用 modified 窗口")
    return {}
