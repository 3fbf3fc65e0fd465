"""Keep the tickets by which a browser of ours opens the boards as an account: for ten minutes, and nothing else."""

from __future__ import annotations

import secrets
from hashlib import sha256

from jst.control.database import Database, storable

MINUTES = 10
_KEY_BYTES = 32


class ViewerTickets:
    """All tickets in force; only a hash of each key is stored."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(self, account: str) -> str:
        """Make a ticket; returns its key, which cannot be looked up later. Those that have ended are removed."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        self._db.rows(
            """WITH ended AS (DELETE FROM viewer_ticket WHERE ends_at < clock_timestamp())
               INSERT INTO viewer_ticket (key_hash, account, ends_at)
               VALUES (%(hash)s, %(account)s, clock_timestamp() + make_interval(mins => %(minutes)s))
               ON CONFLICT DO NOTHING""",
            hash=_hash(key), account=storable(account), minutes=MINUTES,
        )  # fmt: skip
        return key

    def account_of(self, key: str) -> str | None:
        """Return as whom a key opens the boards; None when it is none, or has ended."""
        rows = self._db.rows(
            "SELECT account FROM viewer_ticket WHERE key_hash = %(hash)s AND ends_at > clock_timestamp()",
            hash=_hash(key),
        )
        return str(rows[0][0]) if rows else None


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
