"""What the control database says about the feeds: watermarks, plans, letters. Read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from local.verify.problem import CannotCompare


@dataclass(frozen=True, slots=True)
class Standing:
    """One module. Watermarks as ``yyyy-mm-dd hh:mm:ss`` of Shanghai, '' while there is none; counts of plans."""

    start: str
    read: str
    complete: str
    planned: int
    pulled: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """``plans``: (plan_id, reason) of the open ones; ``letters``: keys of the open and parked ones."""

    plans: list[tuple[str, str]] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)


class Control:
    """Raises CannotCompare when PostgreSQL cannot be asked."""

    def __init__(self, dsn: str) -> None:
        with _reachable():
            self._connection = psycopg2.connect(dsn, connect_timeout=5)
            self._connection.set_session(readonly=True, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def standing(self, module: str) -> Standing:
        marks = dict(
            self._rows(
                """SELECT kind, to_char(value AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
                   FROM watermark WHERE module = %s""",
                module,
            )
        )
        counts = dict(
            self._rows(
                "SELECT state, count(*) FROM plan WHERE module = %s AND state IN ('planned', 'pulled') GROUP BY state",
                module,
            )
        )
        start, read, complete = (marks.get(kind, "") for kind in ("start", "read", "complete"))
        return Standing(start, read, complete, counts.get("planned", 0), counts.get("pulled", 0))

    def trouble(self, module: str) -> Trouble:
        plans = self._rows(
            "SELECT plan_id, reason FROM plan WHERE module = %s AND state = 'open' ORDER BY window_from", module
        )
        letters = self._rows(
            "SELECT key FROM letter WHERE module = %s AND state <> 'redriven' ORDER BY created_at", module
        )
        return Trouble(plans, [key for (key,) in letters])

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with _reachable(), self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as problem:
        said = "".join(str(problem).strip().splitlines()[:1])
        raise CannotCompare(f"控制库 jst_ops 读不到（{said}）：先运行 make up，或查看 make status") from problem
