"""List incidents for the page 告警, and note who has taken one on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI
from jst.control.database import Database, storable

MOST_OPEN, MOST_CLOSED = 2_000, 200
_RECENT_DAYS = 7
_COLUMNS = """id, kind, module, subject, owners, what, "do", opened_at, closed_at, acknowledged_by, acknowledged_at"""
_ITS = "(%(account)s::text IS NULL OR %(account)s = ANY(owners))"


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """An incident as people see it; ``owners``: those beside the owner its rule names."""

    id: int
    kind: str
    module: str
    subject: str
    owners: tuple[str, ...]
    what: str
    do: str
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class IncidentList:
    """All incidents, or those that concern one account; every change may be repeated."""

    def __init__(self, database: Database, account: str | None = None) -> None:
        """``account``: only what names it among its owners; None: all."""
        self._db, self._account = database, account

    def open(self) -> list[ListedIncident]:
        """List those that are not over, the newest first."""
        return self._listed(f"closed_at IS NULL AND {_ITS} ORDER BY opened_at DESC, id DESC LIMIT {MOST_OPEN}")

    def closed(self, now: datetime) -> list[ListedIncident]:
        """List those that ended within a week, the last first."""
        return self._listed(
            f"""closed_at > %(now)s::timestamptz - interval '{_RECENT_DAYS} days' AND {_ITS}
                ORDER BY closed_at DESC, id DESC LIMIT {MOST_CLOSED}""",
            now=now,
        )

    def acknowledge(self, ids: Sequence[int], by: str, now: datetime) -> int:
        """Note that a person has taken these on; those that were taken on before stay as they are. Returns how many."""
        return len(
            self._db.rows(
                f"""UPDATE incident SET acknowledged_by = %(by)s, acknowledged_at = %(now)s
                    WHERE id = ANY(%(ids)s) AND closed_at IS NULL AND acknowledged_at IS NULL AND {_ITS} RETURNING 1""",
                ids=list(ids), by=storable(by), now=now, account=self._account,
            )
        )  # fmt: skip

    def _listed(self, which: str, **parameters: Any) -> list[ListedIncident]:
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM incident WHERE {which}", account=self._account, **parameters)
        return [_listed(*row) for row in rows]


def _listed(
    number: int, kind: str, module: str, subject: str, owners: list[str], what: str, do: str, opened: datetime,
    closed: datetime | None, by: str | None, at: datetime | None,
) -> ListedIncident:  # fmt: skip
    times = (opened.astimezone(SHANGHAI), closed and closed.astimezone(SHANGHAI))
    return ListedIncident(
        number, kind, module, subject, tuple(owners), what, do, *times, by, at and at.astimezone(SHANGHAI)
    )
