"""Read the control database once for all who look at the page at that moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

import psycopg2

from jst.clock import Clock
from jst.control.database import Database
from jst.errors import JstError, Misconfigured
from jst.ledger.facts import Ledger, count_settled, read
from jst.ledger.rows import SettledRow
from jst.model.module import module_names

FRESH_SECONDS = 1.0
COUNTED_SECONDS = 60.0
"""How old the count of a day's settled windows may be: it reads all of them."""
Look = Ledger | JstError


@contextmanager
def schema_errors() -> Iterator[None]:
    """Raise Misconfigured when the control database's tables are not those of this program."""
    try:
        yield
    except psycopg2.ProgrammingError as error:
        said = " ".join(str(error).split())[:200]
        do = "运行 DAG jst_schema，它会补上缺少的表；它停在 scheduled 时改为运行 python -m jst.airflow.prepare"
        raise Misconfigured(f"控制库 jst_ops 的表结构与程序不一致：{said}", do=do) from error


class LedgerReader:
    """Holds one connection. Of many threads that ask, one reads; the others get what it has read. ``missing_pools``
    asks Airflow which of our pools it lacks."""

    def __init__(
        self,
        dsn: Callable[[], str],
        render: Callable[[Look], str],
        clock: Clock,
        missing_pools: Callable[[], Sequence[str]] = list,
    ) -> None:
        self._dsn, self._render, self._clock, self._missing_pools = dsn, render, clock, missing_pools
        self._database: Database | None = None
        self._lock = Lock()
        self._last = ""
        self._looked = 0.0
        self._settled: Sequence[SettledRow] = ()
        self._counted = -math.inf

    def rendered(self) -> str:
        """Return the ledger as ``render`` makes it, at most a second old."""
        with self._lock:
            if not self._last or self._clock.monotonic() - self._looked > FRESH_SECONDS:
                self._last = self._render(self.look())
                self._looked = self._clock.monotonic()
            return self._last

    def look(self) -> Look:
        """Return the ledger, or the error why there is none; does not raise it, so that on-call gets its advice."""
        try:
            if self._database is None:
                self._database = Database(self._dsn(), patience=0.0)
            with schema_errors():
                return replace(self._read(self._database), missing_pools=self._missing_pools())
        except JstError as error:
            self._forget()
            return error

    def _read(self, database: Database) -> Ledger:
        if self._clock.monotonic() - self._counted > COUNTED_SECONDS:
            self._settled = count_settled(database, module_names())
            self._counted = self._clock.monotonic()
        return read(database, module_names(), self._settled)

    def _forget(self) -> None:
        """Drop the connection, so that its fields are read again: they may have been corrected."""
        if self._database is not None:
            self._database.close()
            self._database = None
