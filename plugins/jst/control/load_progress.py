"""Return how far the first load of each module is, since when its past is there, or a gap that is being worked off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jst.clock import SHANGHAI
from jst.control.database import Database


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: ``plans`` of which ``pulled`` lie in Kafka and ``proven`` can be seen; ``share`` (0 to 1) of
    the requests, or of the cursor's way, is done; ``seconds`` it took so far, ``left`` it will take (None: cannot be
    said yet); for ``idle`` seconds nothing of it has moved."""

    module: str
    plans: int
    pulled: int
    proven: int
    rows: int
    share: float
    seconds: float
    left: float | None
    title: str = "首次装载"
    idle: float = 0.0

    @property
    def done(self) -> bool:
        return self.proven == self.plans

    def __str__(self) -> str:
        if self.done:
            return f"{self.title} {self.module}：已完成，{self.rows:,} 行"
        eta = "预计用时：还不能估计" if self.left is None else f"预计还需 {_duration(self.left)}"
        return (
            f"{self.title} {self.module}：{self.share:.1%}，"
            f"计划 {self.pulled}/{self.plans} 已拉取、{self.proven} 已证明，{self.rows:,} 行，"
            f"已用 {_duration(self.seconds)}，{eta}"
        )


_PROGRESS = """
SELECT module, count(*), count(*) FILTER (WHERE state <> 'planned'),
       count(*) FILTER (WHERE proven_at IS NOT NULL), coalesce(sum(receipt.rows), 0)::int,
       coalesce(sum(receipt.requests), 0)::int,
       coalesce(sum(plan.expected) FILTER (WHERE state = 'planned'), 0)::int,
       max(plan.cursor_from) FILTER (WHERE state = 'planned'), min(plan.cursor_from),
       coalesce(max(plan.cursor_until),
                (SELECT max(value) FROM cursor_mark WHERE cursor_mark.module = plan.module)),
       coalesce(extract(epoch FROM max(receipt.finished_at) - min(receipt.started_at)), 0)::float,
       min(receipt.cursor_to), extract(epoch FROM max(receipt.finished_at) - min(receipt.finished_at))::float,
       extract(epoch FROM clock_timestamp() - max(plan.updated_at))::float
FROM plan LEFT JOIN receipt USING (plan_id, attempt)
WHERE {which} GROUP BY module ORDER BY module"""
_UNDER_WAY = """origin = 'initial' AND module IN
                (SELECT module FROM plan WHERE origin = 'initial' AND proven_at IS NULL)"""
# what is older than the oldest unproven part belongs to a gap that was worked off long ago
_GAP = """origin = 'gap' AND since >= (SELECT min(since) FROM plan AS part
                                      WHERE part.module = plan.module AND origin = 'gap' AND proven_at IS NULL)"""


def progress(database: Database, *, under_way: bool = False) -> list[Progress]:
    """Return the progress of every module that has a first load, by name; when ``under_way``, only those that are not
    done. What a window holds is known once it was too large and cut; any other is counted as one request, which it is
    when it is empty."""
    return _found(database, "首次装载", _UNDER_WAY if under_way else "origin = 'initial'")


def gaps(database: Database) -> list[Progress]:
    """Return the progress of every module whose live feed has skipped a gap that is not proven yet, by name."""
    return _found(database, "补缺口", _GAP)


_PAST = """
SELECT module, value AS since,
       coalesce((SELECT max(window_to) FROM plan
                 WHERE plan.module = start.module AND origin = 'initial' AND proven_at IS NULL), value) AS reached
FROM watermark AS start WHERE kind = 'start'"""


@dataclass(frozen=True, slots=True)
class LoadedPast:
    """A module's history begins at ``since``; by now it is there, and proven, from ``reached`` on. Times are aware."""

    since: datetime
    reached: datetime

    @property
    def complete(self) -> bool:
        return self.reached <= self.since


def loaded_past(database: Database) -> dict[str, LoadedPast]:
    """Return module → how much of its past is there; a module that was never read is left out."""
    return {
        module: LoadedPast(since.astimezone(SHANGHAI), reached.astimezone(SHANGHAI))
        for module, since, reached in database.rows(_PAST)
    }


def _found(database: Database, title: str, which: str) -> list[Progress]:
    return [_progress(title, *row) for row in database.rows(_PROGRESS.format(which=which))]


def _progress(
    title: str, module: str, plans: int, pulled: int, proven: int, rows: int, requests: int, expected: int,
    cursor: int | None, start: int | None, end: int | None, seconds: float,
    first: int | None, since_first: float | None, idle: float,
) -> Progress:  # fmt: skip
    if cursor is not None and start is not None and end:
        share = min(1.0, (cursor - start) / max(end - start, 1))
        # From the end of the first plan on: numbers other modules were given lie before it, and cost nothing.
        moved = cursor - first if first is not None else 0
        ahead = (since_first or 0.0) * max(0, end - cursor) / moved if moved > 0 else None
    else:
        left = (plans - pulled) + (expected * requests / rows if rows else expected)
        share = requests / (requests + left) if requests else 0.0
        ahead = seconds * (1 - share) / share if share > 0 else None
    ahead = 0.0 if pulled == plans else ahead
    return Progress(module, plans, pulled, proven, rows, share, seconds, ahead, title, idle)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分 {rest} 秒"
