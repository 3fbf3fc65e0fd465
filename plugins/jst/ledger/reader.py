"""One look at the control database for everybody who looks at the page at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

import psycopg2

from jst.control.database import Database
from jst.errors import JstError, Misconfigured
from jst.ledger.facts import Ledger, read
from jst.spec import module_names

FRESH_SECONDS = 1.0
Look = Ledger | JstError


class Reader:
    """Holds one connection. Many threads may ask; one goes and looks, the others take what it brings."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn
        self._database: Database | None = None
        self._lock = Lock()
        self._last: Look | None = None
        self._looked = 0.0

    def look(self) -> Look:
        """The ledger, at most a second old, or why there is none; never raises what on-call would have to guess."""
        with self._lock:
            if self._last is None or time.monotonic() - self._looked > FRESH_SECONDS:
                self._last = self._asked()
                self._looked = time.monotonic()
            return self._last

    def _asked(self) -> Look:
        try:
            if self._database is None:
                self._database = Database(self._dsn(), patience=0.0)
            return read(self._database, module_names())
        except psycopg2.ProgrammingError as error:
            self._forget()
            said = " ".join(str(error).split())[:200]
            do = "运行 DAG jst_schema，它会补上缺少的表"
            return Misconfigured(f"控制库 jst_ops 的表结构与程序不一致：{said}", do=do)
        except JstError as error:
            self._forget()
            return error

    def _forget(self) -> None:
        """The connection's own words are read again: somebody may have mended them."""
        if self._database is not None:
            self._database.close()
            self._database = None
