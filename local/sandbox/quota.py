"""Per-endpoint quota over a sliding second, exact: a burst at a second's edge gets no second helping."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class Quota:
    """``monotonic`` gives seconds. Refused requests do not count."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._granted: dict[str, deque[float]] = {}

    def take(self, endpoint: str, per_second: int) -> bool:
        """False when ``per_second`` requests were granted within the last second."""
        now = self._monotonic()
        granted = self._granted.setdefault(endpoint, deque(maxlen=per_second))
        if len(granted) == per_second and now - granted[0] < 1.0:
            return False
        granted.append(now)
        return True
