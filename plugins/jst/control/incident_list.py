"""List incidents for the page 告警, and note who has taken one on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jst.control.database import Database, storable
from jst.control.shown_incident import COLUMNS, ShownIncident, shown_incident

MOST_OPEN, MOST_CLOSED = 2_000, 200
_RECENT_DAYS = 7
_ITS = "(%(of)s::text[] IS NULL OR owners && %(of)s::text[])"


class IncidentList:
    """All incidents, or those of some owners; every change may be repeated."""

    def __init__(self, database: Database, of: Sequence[str] | None = None) -> None:
        """``of``: only what names one of these among its owners; None: all."""
        self._db, self._of = database, None if of is None else list(of)

    def open(self) -> list[ShownIncident]:
        """List those that are not over, the newest first."""
        return self._listed(f"closed_at IS NULL AND {_ITS} ORDER BY opened_at DESC, id DESC LIMIT {MOST_OPEN}")

    def closed(self, now: datetime) -> list[ShownIncident]:
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
                ids=list(ids), by=storable(by), now=now, of=self._of,
            )
        )  # fmt: skip

    def _listed(self, which: str, **parameters: Any) -> list[ShownIncident]:
        rows = self._db.rows(f"SELECT {COLUMNS} FROM incident WHERE {which}", of=self._of, **parameters)
        return [shown_incident(row) for row in rows]
