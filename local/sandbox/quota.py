"""Quotas over sliding spans of time, exact: a burst at a second's edge gets no second helping."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``requests`` within any ``seconds``."""

    requests: int
    seconds: float


class Quota:
    """``monotonic`` gives seconds. Refused requests do not count; not ``enforced``, none is refused."""

    def __init__(self, monotonic: Callable[[], float], *, enforced: bool = True) -> None:
        self._monotonic, self._enforced = monotonic, enforced
        self._granted: dict[tuple[str, Limit], deque[float]] = {}

    def take(self, bucket: str, limits: Sequence[Limit]) -> Limit | None:
        """None when the request is granted, else the first limit it would break."""
        now = self._monotonic()
        spans = [(limit, self._span(bucket, limit)) for limit in limits] if self._enforced else []
        for limit, granted in spans:
            if len(granted) == limit.requests and now - granted[0] < limit.seconds:
                return limit
        for _, granted in spans:
            granted.append(now)
        return None

    def _span(self, bucket: str, limit: Limit) -> deque[float]:
        return self._granted.setdefault((bucket, limit), deque(maxlen=limit.requests))
