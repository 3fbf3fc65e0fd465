"""How far every module has come, asked of the databases themselves."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2

from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.degradation import Degradation
from jst.control.incidents import Incident, Incidents
from jst.control.load_progress import Progress, gaps, progress
from jst.control.nodes import Node, Nodes
from jst.errors import JstError
from jst.model.module import INCLUDE, load_module, module_names
from local import clickhouse, postgres
from local.layout import ROOT, Layout

T = TypeVar("T")
_REFRESHED_EVERY = 600.0
_TABLES = "SELECT name, database FROM system.tables WHERE database IN ('dws', 'dim') FORMAT TSV"
_PLANS = """
SELECT module,
       EXISTS (SELECT FROM plan p WHERE p.module = m.module AND p.state = 'proven'),
       (SELECT count(*) FROM plan p
        WHERE p.module = m.module AND p.state IN ('planned', 'pulled') AND p.origin <> 'initial'),
       EXISTS (SELECT FROM plan p JOIN receipt r USING (plan_id) WHERE p.module = m.module AND r.carried > 0)
FROM unnest(%s) AS m (module)
"""
_LETTERS = """
SELECT module, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'parked')
FROM letter WHERE state <> 'redriven' GROUP BY module
"""


@dataclass(frozen=True)
class Standing:
    """One module. ``live``: it has a DAG of its own, else it is a dimension. ``marks``: kind → (value, reason);
    ``waiting``: plans not loaded yet, the first load's aside; ``rows`` of its table, None where nobody can say;
    ``trouble``: why its feed holds back right now; ``letters``: dead letters to be re-driven, and ``parked`` ones;
    ``degraded``: since when and why it comes in batches."""

    name: str
    live: bool
    marks: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)
    proven: bool = False
    waiting: int = 0
    carried: bool = False
    rows: int | None = None
    trouble: str = ""
    letters: int = 0
    parked: int = 0
    degraded: str = ""
    first_load: Progress | None = None
    gap: Progress | None = None

    def age(self, kind: str = "read") -> float | None:
        """Seconds between now and a watermark."""
        mark = self.marks.get(kind)
        return None if mark is None else (datetime.now(UTC) - mark[0]).total_seconds()

    def missing(self, since: float) -> str:
        """What this module still owes a stack that started at ``since`` (Unix s); empty when it works."""
        return self._missing_live(since) if self.live else self._missing_dimension(since)

    def _missing_live(self, since: float) -> str:
        if not self._read_to(since):
            return "等待第一次读取"
        return "" if self.rows or not self.carried else "等待第一批装载"

    def _missing_dimension(self, since: float) -> str:
        # its history may take long where the source is asked slowly; what is new comes every 5 minutes
        begun = self.proven or (self.first_load is not None and bool(self.marks))
        if not begun or self.waiting:
            return "维表装载中"
        # what the source only lists has no watermark
        return "" if not self.marks or self._read_to(since - _REFRESHED_EVERY) else "维表装载中"

    def _read_to(self, moment: float) -> bool:
        return "read" in self.marks and self.marks["read"][0].timestamp() >= moment


def look(layout: Layout) -> list[Standing]:
    """Every module that is in use. Never raises: what cannot be asked stays unknown."""
    names = [name for name in module_names() if _is_live(name) or _load_sql_exists(name)]
    facts: dict[str, dict[str, Any]] = {name: {} for name in names}
    for name, count in _rows(layout).items():
        if name in facts:
            facts[name]["rows"] = count
    _ask_control(layout, facts)
    return [Standing(name, _is_live(name), **fact) for name, fact in facts.items()]


def nodes(layout: Layout) -> list[Node]:
    """The ClickHouse nodes that are kept in step; none where there is only one. Never raises."""
    return _remembered(layout, lambda database: Nodes(database, SystemClock()).known())


def incidents(layout: Layout) -> list[Incident]:
    """What is wrong and not mended yet, oldest first. Never raises."""
    return _remembered(layout, lambda database: Incidents(database).standing())


def _remembered(layout: Layout, ask: Callable[[Database], list[T]]) -> list[T]:
    """Nothing when the control database is away: at once, not after its patience."""
    dsn = postgres.control_dsn(layout)
    try:
        psycopg2.connect(dsn, connect_timeout=3).close()
        with Database(dsn) as database:
            return ask(database)
    except (psycopg2.Error, JstError):
        return []


def title(module: str) -> str:
    return f"{module} {load_module(module).title}"


def _is_live(module: str) -> bool:
    return (ROOT / "dags" / f"jst_{module}.py").exists()


def _load_sql_exists(module: str) -> bool:
    return (INCLUDE / "sql" / "modules" / module / "load.sql").exists()


def _rows(layout: Layout) -> dict[str, int]:
    """Module → rows of its wide table or dimension."""
    tables = dict(line.split("\t") for line in _ask(layout, _TABLES).splitlines())
    counts = [f"SELECT '{name}', count() FROM {database}.{name} FINAL" for name, database in tables.items()]
    lines = _ask(layout, f"{' UNION ALL '.join(counts)} FORMAT TSV").splitlines() if counts else ()
    return {name.partition("_")[2]: int(count) for name, count in (line.split("\t") for line in lines)}


def _ask(layout: Layout, statement: str) -> str:
    """The answer as text; empty when there is none."""
    request = urllib.request.Request(
        f"{clickhouse.http_url(layout)}/?{urllib.parse.urlencode({'query': statement})}",
        headers={"X-ClickHouse-User": "etl", "X-ClickHouse-Key": layout.secrets.clickhouse("etl")},
    )
    try:
        with urllib.request.urlopen(request, timeout=10.0) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def _ask_control(layout: Layout, facts: dict[str, dict[str, Any]]) -> None:
    dsn = postgres.control_dsn(layout)
    try:
        connection = psycopg2.connect(dsn, connect_timeout=3)
    except psycopg2.OperationalError:
        return
    try:
        with connection, connection.cursor() as cursor:
            _control(cursor, facts)
        with Database(dsn) as database:
            for load in progress(database):
                facts.setdefault(load.module, {})["first_load"] = load
            for gap in gaps(database):
                facts.setdefault(gap.module, {})["gap"] = gap
            degradation = Degradation(database)
            for name, fact in facts.items():
                fact["degraded"] = str(degradation.current(name) or "")
    except (psycopg2.Error, JstError):
        return
    finally:
        connection.close()


def _control(cursor: Any, facts: dict[str, dict[str, Any]]) -> None:
    cursor.execute("SELECT module, kind, value, reason FROM watermark ORDER BY module, kind DESC")
    for module, kind, value, reason in cursor.fetchall():
        facts.setdefault(module, {}).setdefault("marks", {})[kind] = (value, reason)
    cursor.execute(_PLANS, (list(facts),))
    for module, proven, waiting, carried in cursor.fetchall():
        facts[module] |= {"proven": proven, "waiting": waiting, "carried": carried}
    cursor.execute(_LETTERS)
    for module, waiting, parked in cursor.fetchall():
        facts.setdefault(module, {}).update(letters=waiting, parked=parked)
    cursor.execute("SELECT module, reason FROM feed WHERE hold_until > clock_timestamp()")
    for module, reason in cursor.fetchall():
        facts.setdefault(module, {})["trouble"] = reason
