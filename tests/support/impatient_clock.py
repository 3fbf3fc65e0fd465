"""The real time without pauses between tries."""

from __future__ import annotations

from jst.clock import SystemClock


class Impatient(SystemClock):
    """The real time, but nobody waits between tries."""

    def sleep(self, seconds: float) -> None: ...
