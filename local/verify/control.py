"""What the control database says about the feeds: watermarks, plans, letters. Read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from local.verify.problem import CannotCompare

_SHANGHAI = "AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'"


@dataclass(frozen=True, slots=True)
class Standing:
    """One module. Watermarks as ``yyyy-mm-dd hh:mm:ss`` of Shanghai, '' while there is none; ``start``: what was
    modified later is promised to be there; it lies further back once the first load is done. ``planned`` and
    ``pulled`` count plans that do not belong to the first load, ``initial`` those of it that are not done."""

    start: str
    read: str
    planned: int
    pulled: int
    initial: int


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
                f"SELECT kind, to_char(value {_SHANGHAI}) FROM watermark WHERE module = %s AND kind <> 'complete'",
                module,
            )
        )
        ((planned, pulled, initial, not_before),) = self._rows(
            f"""SELECT count(*) FILTER (WHERE origin <> 'initial' AND state = 'planned'),
                       count(*) FILTER (WHERE origin <> 'initial' AND state = 'pulled'),
                       count(*) FILTER (WHERE origin = 'initial'),
                       to_char(max(window_to) FILTER (WHERE origin = 'initial') {_SHANGHAI})
                FROM plan WHERE module = %s AND state NOT IN ('proven', 'excepted')""",
            module,
        )
        start, read = (marks.get(kind, "") for kind in ("start", "read"))
        return Standing(not_before or start, read, planned, pulled, initial)

    def modules(self) -> list[str]:
        """All that have ever been read."""
        return [module for (module,) in self._rows("SELECT DISTINCT module FROM plan ORDER BY module")]

    def stock(self) -> str:
        """Return the kind of stock the wide table has. Raises CannotCompare while it changes over to another one."""
        for shown, settled in self._rows("SELECT shown, settled FROM stock_kind"):
            if not settled:
                raise CannotCompare(f"库存正在改换口径，宽表暂时还是 {shown}：等新口径的首次装载完成（make status）")
            return str(shown)
        return "total"

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
