"""Keep the links by which wall displays open the boards: only a hash of each key is stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from jst.control.database import Database, storable

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class WallLink:
    """A link. ``wall``: whose shops it shows; ``revoked_at``, ``seen_at`` None: never."""

    link_id: int
    wall: str
    made_by: str
    made_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    seen_at: datetime | None


class WallLinks:
    """All links ever made."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(self, wall: str, by: str) -> str:
        """Make a link of a wall; returns its key, which cannot be looked up later. A lost answer may leave a link that
        has no holder: it is listed, never seen."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        self._db.rows(
            """INSERT INTO wall_link (key_hash, wall, made_by) VALUES (%(hash)s, %(wall)s, %(by)s)
               ON CONFLICT DO NOTHING""",
            hash=_hash(key), wall=storable(wall), by=storable(by),
        )  # fmt: skip
        return key

    def wall_of(self, key: str) -> str | None:
        """Return whose link a key is, None when it is none or revoked, and note that it was seen: once a minute."""
        rows = self._db.rows(
            """WITH noted AS (
                   UPDATE wall_link SET seen_at = clock_timestamp()
                   WHERE key_hash = %(hash)s AND revoked_at IS NULL
                     AND (seen_at IS NULL OR seen_at < clock_timestamp() - interval '1 minute'))
               SELECT wall FROM wall_link WHERE key_hash = %(hash)s AND revoked_at IS NULL""",
            hash=_hash(key),
        )
        return str(rows[0][0]) if rows else None

    def revoke(self, link_id: int, by: str) -> None:
        """Let a link open nothing any more; one that is revoked stays as it is."""
        self._db.rows(
            """UPDATE wall_link SET revoked_at = clock_timestamp(), revoked_by = %(by)s
               WHERE link_id = %(link)s AND revoked_at IS NULL""",
            link=link_id, by=storable(by),
        )  # fmt: skip

    def listed(self) -> list[WallLink]:
        """List the links, those in force first, then the newest."""
        return [
            WallLink(*row)
            for row in self._db.rows(
                """SELECT link_id, wall, made_by, made_at, revoked_by, revoked_at, seen_at FROM wall_link
                   ORDER BY revoked_at IS NOT NULL, made_at DESC LIMIT 200"""
            )
        ]


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
