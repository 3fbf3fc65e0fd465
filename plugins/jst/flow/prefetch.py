"""Reading the next batches from Kafka while ClickHouse works on these: a backlog keeps both processors busy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jst.control.plans import Waiting
from jst.errors import JstError
from jst.kafka.record import RawRecord

Read = Callable[[list[Waiting]], list[RawRecord]]


class Prefetch:
    """Keeps the records of the next batches. ``read`` is called from one thread at a time, and from none once a
    ``reading`` has ended."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: tuple[list[Waiting], list[RawRecord]] = ([], [])

    def records(self, waiting: list[Waiting]) -> list[RawRecord]:
        """Return the records of these batches, from memory if exactly they were read ahead. Raises what ``read``
        raises."""
        (known, records), self._known = self._known, ([], [])
        return records if known == waiting else self._read(waiting)

    @contextmanager
    def reading(self, waiting: list[Waiting]) -> Iterator[None]:
        """Read these while the block runs. A failure stays silent: ``records`` raises it when it reads again."""
        if not waiting:
            yield
            return
        thread = threading.Thread(target=self._read_ahead, args=(waiting,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def _read_ahead(self, waiting: list[Waiting]) -> None:
        try:
            self._known = (waiting, self._read(waiting))
        except JstError:
            self._known = ([], [])
