"""Keep which modules' live feeds have stepped down to batches: one row from the beginning of a degradation to its
end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.model.module import load_module

INCIDENT = "degraded"
BATCH_SECONDS = 300
NOTHING_TO_DO = (
    "不必人工：计划都保留，连续三批没有被拒就自动恢复；持续一小时以上时核对合同额度，看是否有别的程序在用同一个 app_key"
)
CLEAN_BATCHES = 3
"""Batches in a row without refusals that bring a module back to live."""

_COLUMNS = "id, batches, module, since, reason, clean, due_at, extract(epoch FROM due_at - clock_timestamp())::float8"


@dataclass(frozen=True, slots=True)
class Degraded:
    """A module read in batches. ``clean`` batches in a row so far, of ``batches`` in all; the next one is ``due_at``,
    ``left`` seconds from now (negative: past)."""

    id: int
    batches: int
    module: str
    since: datetime
    reason: str
    clean: int
    due_at: datetime
    left: float

    def __str__(self) -> str:
        return in_batches(self.since, self.reason, self.clean, self.due_at)


def in_batches(since: datetime, reason: str, clean: int, due_at: datetime) -> str:
    """Say since when and why a feed comes in batches, and when the next one does; times in Shanghai's zone."""
    return (
        f"{since.astimezone(SHANGHAI):%m-%d %H:%M:%S} 起降级为每 {BATCH_SECONDS // 60} 分钟一批（{reason}）；"
        f"已连续 {clean}/{CLEAN_BATCHES} 批没有被拒，下一批 {due_at.astimezone(SHANGHAI):%H:%M:%S}"
    )


class Degradation:
    """Shared by all processes of a module; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db, self._incidents = database, Incidents(database)

    def current(self, module: str) -> Degraded | None:
        """Return the module's degradation; None: the module is live."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM degradation WHERE module = %(module)s AND until IS NULL", module=module
        )
        return _degraded(*rows[0]) if rows else None

    def step_down(self, module: str, reason: str) -> Degraded:
        """Step the module down now, unless it is already; the first batch is due in five minutes."""
        self._db.rows(
            """INSERT INTO degradation (module, reason, due_at)
               VALUES (%(module)s, %(reason)s, clock_timestamp() + make_interval(secs => %(batch)s))
               ON CONFLICT (module) WHERE until IS NULL DO NOTHING""",
            module=module, reason=reason, batch=BATCH_SECONDS,
        )  # fmt: skip
        found = self.current(module)
        if found is None:  # it ended between the two statements
            return self.step_down(module, reason)
        self._report(found)
        return found

    def record_batch(self, degraded: Degraded, took: float, *, clean: bool) -> Degraded | None:
        """Record that the batch that was due is pulled, or refused (not ``clean``); it began ``took`` seconds ago.
        None: the module is live again.

        A batch that was not due (a task cleared by hand, or one that was recorded already) changes nothing: it says
        nothing of five minutes.
        """
        self._db.rows(
            """WITH recorded AS (
                   UPDATE degradation
                   SET batches = batches + 1, clean = CASE WHEN %(clean)s THEN clean + 1 ELSE 0 END,
                       until = CASE WHEN %(clean)s AND clean + 1 >= %(enough)s THEN clock_timestamp() END,
                       due_at = clock_timestamp() + make_interval(secs => %(next)s)
                   WHERE id = %(id)s AND batches = %(batches)s AND until IS NULL
                     AND due_at <= clock_timestamp() RETURNING module, until)
               UPDATE incident SET closed_at = recorded.until FROM recorded
               WHERE kind = %(kind)s AND incident.module = recorded.module AND closed_at IS NULL
                 AND recorded.until IS NOT NULL""",
            id=degraded.id, batches=degraded.batches, clean=clean, enough=CLEAN_BATCHES,
            next=BATCH_SECONDS - min(took, BATCH_SECONDS), kind=INCIDENT,
        )  # fmt: skip
        after = self.current(degraded.module)
        if after is not None:
            self._report(after)
        return after

    def _report(self, degraded: Degraded) -> None:
        self._incidents.open(
            INCIDENT, degraded.module, "live",
            f"{load_module(degraded.module).title}的实时流 {degraded}", NOTHING_TO_DO,
            {"since": degraded.since.isoformat(), "reason": degraded.reason},
        )  # fmt: skip


def _degraded(
    number: int, batches: int, module: str, since: datetime, reason: str, clean: int, due_at: datetime, left: float
) -> Degraded:
    began, due = since.astimezone(SHANGHAI), due_at.astimezone(SHANGHAI)
    return Degraded(number, batches, module, began, reason, clean, due, left)
