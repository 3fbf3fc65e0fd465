"""Keep what is wrong until it is corrected: one row from its opening to its closing, for the ledger and for notices.

A notice is made of the rows, not of what the calls return: a call whose answer was lost is repeated, a row is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from jst.clock import SHANGHAI
from jst.control.database import Database, storable

OUTSIDE = "outside"
"""Kind of what Alertmanager has found; the subject is its fingerprint."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident; ``subject`` says what of the module it is about; it was found ``times`` times, last at
    ``seen_at``."""

    id: int
    kind: str
    module: str
    subject: str
    opened_at: datetime
    seen_at: datetime
    times: int
    what: str
    do: str
    detail: dict[str, Any]


class Incidents:
    """All incidents; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(
        self, kind: str, module: str, subject: str, what: str, do: str, detail: Mapping[str, Any] | None = None
    ) -> int:
        """Open an incident, or note that the open one of this kind, module and subject was found again; returns its
        id. ``what`` happened and what to ``do``: Chinese sentences; ``detail``: JSON values, nothing personal."""
        ((number,),) = self._db.rows(
            """INSERT INTO incident (kind, module, subject, what, "do", detail)
               VALUES (%(kind)s, %(module)s, %(subject)s, %(what)s, %(do)s, %(detail)s)
               ON CONFLICT (kind, module, subject) WHERE closed_at IS NULL DO UPDATE
               SET seen_at = clock_timestamp(), times = incident.times + 1,
                   what = excluded.what, "do" = excluded."do", detail = excluded.detail
               RETURNING id""",
            kind=kind, module=module, subject=subject, what=storable(what), do=storable(do), detail=Json(detail or {}),
        )  # fmt: skip
        return int(number)

    def close(self, kind: str, module: str, subject: str) -> None:
        """Close an incident; closing what is not open changes nothing."""
        self._db.rows(
            """UPDATE incident SET closed_at = clock_timestamp()
               WHERE kind = %(kind)s AND module = %(module)s AND subject = %(subject)s AND closed_at IS NULL""",
            kind=kind, module=module, subject=subject,
        )  # fmt: skip

    def standing(self, module: str | None = None) -> list[Incident]:
        """Return the open incidents of ``module``, or of all, oldest first."""
        rows = self._db.rows(
            """SELECT id, kind, module, subject, opened_at, seen_at, times, what, "do", detail FROM incident
               WHERE closed_at IS NULL AND module = coalesce(%(module)s, module) ORDER BY opened_at, id""",
            module=module,
        )
        return [
            Incident(number, kind, name, subject, opened.astimezone(SHANGHAI), seen.astimezone(SHANGHAI), *rest)
            for number, kind, name, subject, opened, seen, *rest in rows
        ]
