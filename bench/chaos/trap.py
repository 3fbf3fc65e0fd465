"""The trap in a task's process: when the armed strike's moment comes, it dies, or waits until a server has."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Protocol

from bench.chaos.points import WORKER, Strike


class Shared(Protocol):
    """A number in shared memory; without a lock, which a killed process could keep."""

    value: int


class Trap:
    """``role`` of this process, ``module`` it works on now; ``armed``: number of the strike to come, or 0; ``wire`` to
    the parent, who kills servers."""

    def __init__(self, role: str, module: str, strikes: Sequence[Strike], armed: Shared, wire: Connection) -> None:
        self.role, self.module = role, module
        self._strikes, self._armed, self._wire = {each.number: each for each in strikes}, armed, wire
        self._passed = Counter[int]()
        self._within: Strike | None = None
        self._statements = 0

    @contextmanager
    def at(self, point: str) -> Iterator[None]:
        """Wrap the call that is the point."""
        strike = self._due(point)
        if strike is None:
            yield
            return
        if strike.phase == "before":
            self._spring(strike)
        elif strike.phase == "during":
            soon = threading.Thread(target=self._soon, args=(strike,), daemon=True)
            soon.start()
        elif strike.phase == "within":
            self._within, self._statements = strike, 0
        yield
        if strike.phase == "during":
            soon.join()  # a call that was faster than the strike is not left behind
        if strike.phase == "after" or self._within is strike:  # or its transaction had fewer statements
            self._within = None
            self._spring(strike)

    def statement(self) -> None:
        """One was executed and is not committed."""
        strike = self._within
        if strike is None:
            return
        self._statements += 1
        if self._statements == strike.statement:
            self._within = None
            self._spring(strike)

    def _due(self, point: str) -> Strike | None:
        number = self._armed.value
        strike = self._strikes.get(number)
        if strike is None or (strike.point.role, strike.module, strike.point.name) != (self.role, self.module, point):
            return None
        self._passed[number] += 1
        return strike if self._passed[number] == strike.nth else None

    def _soon(self, strike: Strike) -> None:
        time.sleep(strike.delay)
        self._spring(strike)

    def _spring(self, strike: Strike) -> None:
        self._wire.send(strike.number)
        if strike.victim == WORKER:
            os.kill(os.getpid(), signal.SIGKILL)
        self._wire.recv()  # the server is dead now
