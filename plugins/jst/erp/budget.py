"""What a client needs of the request budget that all processes with the same credential share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jst.erp.call_outcome import Call
from jst.model.words import Origin


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit of the contract: ``requests`` in any ``seconds``."""

    requests: float
    seconds: float


class Budget(Protocol):
    """The request budget of one credential, shared by all processes. A bucket is what the source counts together."""

    def wait_for_slot(self, bucket: str, rates: Sequence[Rate], origin: Origin, /) -> int:
        """Wait until a request is granted that keeps all ``rates`` of ``bucket``; returns its ticket."""

    def refused(self, bucket: str, after: float, origin: Origin, /) -> None:
        """Note that the source refused a request of ``origin``: no request of ``bucket`` is granted for ``after``
        seconds at least."""

    def answered(self, call: Call, /) -> None:
        """Count how a request ended; it must cost the request nothing and never fail."""

    def storm(self, bucket: str, /) -> str:
        """Return why ``bucket`` should be used rarely: nearly everything is refused for minutes. Empty when it is
        not."""


@dataclass(slots=True)
class Spending:
    """Counts what one process requested of the source: ``requests``, of which ``refused``, and the seconds they
    ``waited``."""

    requests: int = 0
    refused: int = 0
    waited: float = 0.0

    def describe(self, rates: Sequence[Rate], seconds: float) -> str:
        """Return a line for a task's log; ``rates`` of the contract, over the ``seconds`` in which this was spent."""
        allowed = min(rate.requests / rate.seconds for rate in rates) * max(seconds, 1.0)
        each = self.waited / max(self.requests, 1)
        return (
            f"额度：本任务 {self.requests} 次请求，平均等 {each:.2f} 秒，"
            f"占合同额度 {self.requests / allowed:.0%}，被拒 {self.refused} 次"
        )
