"""What a client needs of the request budget it shares with everybody who uses the same credential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit of the contract: ``requests`` in any ``seconds``."""

    requests: float
    seconds: float


class Budget(Protocol):
    """The request budget of one credential, shared by all processes. A bucket is what the source counts together."""

    def take(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        """Wait until a request is granted that keeps all ``rates`` of ``bucket``; returns its ticket."""

    def refused(self, bucket: str, after: float, /) -> None:
        """The source refused ``bucket``: nobody asks for ``after`` seconds."""
