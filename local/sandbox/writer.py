"""Rows into the store as the source keeps them: each change gets a ``ts`` and is seen at once, or late."""

from __future__ import annotations

from local.sandbox.faults import Faults
from local.sandbox.kinds import KINDS
from local.sandbox.records import Version
from local.sandbox.rows import Row, decode, encode
from local.sandbox.store import Store
from local.sandbox.times import beijing, moment

_THIS_ROW = "module = ? AND key = ?"


class Writer:
    """Reads and writes single rows within the caller's transaction. ``now`` is always Unix seconds."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults

    def row(self, module: str, key: str) -> Row:
        """Return the row as readers see it; empty when there is none."""
        row: Row = decode(self._store.body(module, key) or "{}")
        return row

    def newest(self, module: str, key: str) -> Row:
        """Return the row with all its changes: one that is still to be seen is seen from now on."""
        self._store.land(_THIS_ROW, module, key)
        return self.row(module, key)

    def write(self, module: str, row: Row, now: float) -> str:
        """Commit with the running transaction, or later if the commit_lag fault says so; returns the row's key."""
        version = self.version(module, row, now)
        self._store.number("changes")
        self._store.land(_THIS_ROW, module, version.key)
        lag = None if self._store.recall("frozen") else self._faults.lag()
        if lag is None:
            self._store.write(version)
        else:
            self._store.write_late(version, now + lag)
        return version.key

    def version(self, module: str, row: Row, now: float) -> Version:
        """Return the row as it is stored from ``now`` on; ``modified`` is now unless the row says when."""
        kind = KINDS[module]
        ts = self._store.number("ts")
        modified = _time(row, "modified") or beijing(now)
        if not kind.versioned:
            row = {name: value for name, value in row.items() if name != "modified"}
        elif self._store.dialect == "openapi":
            row = {**row, "ts": ts}
        other_id = row.get(kind.other_id) if kind.other_id else None
        return Version(
            module=module,
            key=kind.key_of(row) or f"without-key-{ts}",
            body=encode(row),
            modified=modified,
            created=_time(row, "created"),
            io_date=_time(row, "io_date"),
            other_id=None if other_id is None else str(other_id),
            ts=ts,
        )


def _time(row: Row, name: str) -> str | None:
    """Return the time a row is found by; None when the field holds no readable time."""
    value = row.get(name)
    text = value[:19] if isinstance(value, str) else None
    return text if moment(text) else None
