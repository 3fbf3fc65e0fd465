"""What the shop remembers: SQLite in one folder. A change is visible when its transaction has committed, never before.

One thread uses it. ``ts`` counts writes over all kinds: it is given when a row is written and seen when it commits.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.sandbox.kinds import KINDS

_COLUMNS = "key, body, modified, created, io_date, other_id, ts"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one row. Times as the source's text; ``io_date`` and ``other_id`` None where the row has none."""

    module: str
    key: str
    body: str
    modified: str
    created: str | None
    io_date: str | None
    other_id: str | None
    ts: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a module: within a closed window of one column, with one of the ids per column, in a status."""

    module: str
    window: tuple[str, str, str] | None = None
    ids: dict[str, list[str]] = field(default_factory=dict)
    status: str | None = None

    def where(self) -> tuple[str, list[str]]:
        """SQL condition and its parameters."""
        parts, values = ["1"], list[str]()
        if self.window:
            column, start, end = self.window
            parts.append(f"{column} BETWEEN ? AND ?")
            values += [start, end]
        for column, wanted in self.ids.items():
            parts.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
        if self.status:
            parts.append("json_extract(body, '$.status') = ?")
            values.append(self.status)
        return " AND ".join(parts), values


class Occupied(Exception):
    """Another process has this folder open."""


class Store:
    """Opens (or founds) the store in ``folder``. Raises Occupied when another process uses it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Occupied(str(folder)) from None
        self._db = sqlite3.connect(folder / "shop.sqlite", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -16000", "temp_store = MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        self._create()
        self._numbers: dict[str, int] = dict(self._db.execute("SELECT name, value FROM number"))
        self._changed: set[str] = set()

    def _create(self) -> None:
        columns = "key TEXT, body TEXT, modified TEXT, created TEXT, io_date TEXT, other_id TEXT, ts INTEGER"
        statements = [
            "CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER)",
            "CREATE TABLE IF NOT EXISTS task (due REAL, key TEXT, step TEXT)",
            "CREATE INDEX IF NOT EXISTS task_due ON task (due)",
            "CREATE INDEX IF NOT EXISTS task_key ON task (key)",
            "CREATE TABLE IF NOT EXISTS planted (module TEXT, key TEXT, PRIMARY KEY (module, key))",
            f"CREATE TABLE IF NOT EXISTS late (module TEXT, visible REAL, {columns}, PRIMARY KEY (module, key))",
        ]
        for module in KINDS:
            statements += [
                f"CREATE TABLE IF NOT EXISTS {module} ({columns}, PRIMARY KEY (key))",
                f"CREATE INDEX IF NOT EXISTS {module}_modified ON {module} (modified, key)",
                f"CREATE INDEX IF NOT EXISTS {module}_io_date ON {module} (io_date, modified, key)",
                f"CREATE INDEX IF NOT EXISTS {module}_other ON {module} (other_id)",
            ]
        for statement in statements:
            self._db.execute(statement)

    def close(self) -> None:
        self._db.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes visible together, and survives a killed process from then on."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            numbers = [(name, self._numbers[name]) for name in self._changed]
            self._db.executemany("INSERT OR REPLACE INTO number VALUES (?, ?)", numbers)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self._changed.clear()

    def number(self, series: str) -> int:
        """The next number of a series, from 1; kept with the transaction it is used in."""
        self.remember(series, self.recall(series) + 1)
        return self._numbers[series]

    def recall(self, name: str) -> int:
        """0 for what was never remembered."""
        return self._numbers.get(name, 0)

    def remember(self, name: str, value: int) -> None:
        self._numbers[name] = value
        self._changed.add(name)

    def write(self, new: Version) -> None:
        """Insert or replace the row; seen when the transaction commits."""
        values = (new.key, new.body, new.modified, new.created, new.io_date, new.other_id, new.ts)
        self._db.execute(f"INSERT OR REPLACE INTO {new.module} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def write_late(self, new: Version, visible: float) -> None:
        """Keep the change as an open transaction that commits at ``visible`` (Unix seconds)."""
        values = (new.module, visible, new.key, new.body, new.modified, new.created, new.io_date, new.other_id, new.ts)
        self._db.execute(f"INSERT INTO late (module, visible, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def land(self, condition: str, *values: float | str) -> int:
        """Commit the late changes that meet the SQL condition; returns how many."""
        landed = 0
        for (module,) in self._db.execute(f"SELECT DISTINCT module FROM late WHERE {condition}", values).fetchall():
            chosen = f"module = '{module}' AND {condition}"
            select = f"SELECT {_COLUMNS} FROM late WHERE {chosen}"
            landed += self._db.execute(f"INSERT OR REPLACE INTO {module} ({_COLUMNS}) {select}", values).rowcount
            self._db.execute(f"DELETE FROM late WHERE {chosen}", values)
        return landed

    def body(self, module: str, key: str) -> str | None:
        found = self._db.execute(f"SELECT body FROM {module} WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def page(self, question: Question, limit: int, offset: int) -> tuple[int, list[tuple[str, str]]]:
        """Total of the question, and the (key, body) pairs of one page, ordered by modified and key."""
        where, values = question.where()
        total = self._db.execute(f"SELECT count(*) FROM {question.module} WHERE {where}", values).fetchone()[0]
        inner = (
            f"SELECT rowid FROM {question.module} WHERE {where} ORDER BY modified, key LIMIT {limit} OFFSET {offset}"
        )
        rows = f"SELECT key, body FROM {question.module} WHERE rowid IN ({inner}) ORDER BY modified, key"
        return total, self._db.execute(rows, values).fetchall()

    def every(self, module: str, modified_from: str = "", chunk: int = 500) -> Iterator[list[str]]:
        """Bodies of all committed rows in chunks, by key; changes between two chunks are seen or not."""
        last = ""
        while True:
            rows = self._db.execute(
                f"SELECT key, body FROM {module} WHERE key > ? AND modified >= ? ORDER BY key LIMIT {chunk}",
                (last, modified_from),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [body for _, body in rows]

    def keys(self, module: str) -> list[str]:
        """Keys of the rows the shop may use: those planted by hand are not among them."""
        mine = f"SELECT key FROM {module} WHERE key NOT IN (SELECT key FROM planted WHERE module = ?) ORDER BY key"
        return [key for (key,) in self._db.execute(mine, (module,))]

    def plant(self, module: str, key: str) -> None:
        """From now on the shop leaves this row alone: it may hold anything."""
        self._db.execute("INSERT OR IGNORE INTO planted VALUES (?, ?)", (module, key))
        self._db.execute("DELETE FROM task WHERE key = ?", (key,))

    def figures(self, module: str) -> tuple[int, str | None]:
        """Committed rows and the newest ``modified`` among them."""
        count, newest = self._db.execute(f"SELECT count(*), max(modified) FROM {module}").fetchone()
        return int(count), newest

    def schedule(self, due: float, key: str, step: str) -> None:
        self._db.execute("INSERT INTO task VALUES (?, ?, ?)", (due, key, step))

    def due(self, now: float, at_most: int) -> list[tuple[str, str]]:
        """Take the (key, step) pairs whose time has come; a row with an open transaction is locked and waits."""
        rows = self._db.execute(
            "SELECT rowid, key, step FROM task WHERE due <= ? AND key NOT IN (SELECT key FROM late)"
            " ORDER BY due LIMIT ?",
            (now, at_most),
        ).fetchall()
        self._db.executemany("DELETE FROM task WHERE rowid = ?", [(row[0],) for row in rows])
        return [(key, step) for _, key, step in rows]
