"""What the shop remembers: SQLite in one folder. A change is visible when its transaction has committed, never before.

One thread uses it. ``ts`` counts writes over all kinds: it is given when a row is written and seen when it commits.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.sandbox.kinds import KINDS
from local.sandbox.kinds.ids import DIALECTS, Dialect
from local.sandbox.records import Page, Question, Task, Version

FORMAT = 2
"""Raised whenever a store of before cannot be gone on with."""

_COLUMNS = "key, body, modified, created, io_date, other_id, ts"


class Unusable(Exception):
    """The folder cannot be used; the message says why, in Chinese."""


class Store:
    """Opens (or founds) the store in ``folder``.

    Raises Unusable when another process uses it, or when its shop is of another format or speaks another dialect.
    """

    def __init__(self, folder: Path, dialect: Dialect = "gateway") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Unusable(f"目录 {folder} 正被另一个沙箱使用：请先停掉它，或换一个 --data") from None
        self._db = sqlite3.connect(folder / "shop.sqlite", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -16000", "temp_store = MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        self.dialect: Dialect = dialect
        nature = FORMAT * 10 + DIALECTS.index(dialect)
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            self._db.execute(f"PRAGMA user_version = {nature}")
        elif self._db.execute("PRAGMA user_version").fetchone()[0] != nature:
            self.close()
            raise Unusable(f"目录 {folder} 里的店铺来自另一方言或旧版沙箱：请换一个 --data，或删掉该目录重新开店")
        self._create()
        self._numbers: dict[str, int] = dict(self._db.execute("SELECT name, value FROM number"))
        self._changed: set[str] = set()

    def _create(self) -> None:
        columns = "key TEXT, body TEXT, modified TEXT, created TEXT, io_date TEXT, other_id TEXT, ts INTEGER"
        statements = [
            "CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER)",
            "CREATE TABLE IF NOT EXISTS task (due REAL, module TEXT, key TEXT, step TEXT, note TEXT)",
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
                f"CREATE INDEX IF NOT EXISTS {module}_ts ON {module} (ts)",
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
        """Return the next number of a series, from 1; kept with the transaction it is used in."""
        self.remember(series, self.recall(series) + 1)
        return self._numbers[series]

    def recall(self, name: str) -> int:
        """0 for what was never remembered."""
        return self._numbers.get(name, 0)

    def remember(self, name: str, value: int) -> None:
        self._numbers[name] = value
        self._changed.add(name)

    def write(self, *new: Version) -> None:
        """Insert or replace these rows of one module; seen when the transaction commits."""
        values = [(v.key, v.body, v.modified, v.created, v.io_date, v.other_id, v.ts) for v in new]
        target = f"{new[0].module} ({_COLUMNS})"
        self._db.executemany(f"INSERT OR REPLACE INTO {target} VALUES (?, ?, ?, ?, ?, ?, ?)", values)

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

    def page(self, question: Question, limit: int, offset: int, *, counted: bool = True) -> Page:
        """One page of the question's rows; without ``counted`` the total is not looked for, which is cheaper."""
        where, values = question.where()
        total = None
        if counted:
            total = self._db.execute(f"SELECT count(*) FROM {question.module} WHERE {where}", values).fetchone()[0]
        # Row numbers come from an index alone; texts are fetched for the page only, and never sorted.
        numbers = self._db.execute(
            f"SELECT rowid FROM {question.module} WHERE {where} ORDER BY {question.order}"
            f" LIMIT {limit + 1} OFFSET {offset}",
            values,
        ).fetchall()
        wanted = [number for (number,) in numbers[:limit]]
        found = self._db.execute(
            f"SELECT rowid, key, body FROM {question.module} WHERE rowid IN ({', '.join(map(str, wanted))})"
        ).fetchall()
        rows = {number: (key, body) for number, key, body in found}
        return Page([rows[number] for number in wanted], len(numbers) > limit, total)

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

    def is_planted(self, module: str, key: str) -> bool:
        found = self._db.execute("SELECT 1 FROM planted WHERE module = ? AND key = ?", (module, key))
        return found.fetchone() is not None

    def plant(self, module: str, key: str) -> list[Task]:
        """From now on the shop leaves this row alone: it may hold anything. Returns what will not happen to it now."""
        self._db.execute("INSERT OR IGNORE INTO planted VALUES (?, ?)", (module, key))
        dropped = self._db.execute(
            "DELETE FROM task WHERE key = ? AND module = ? RETURNING module, key, step, note", (key, module)
        )
        return [Task(*task) for task in dropped.fetchall()]

    def figures(self, module: str) -> tuple[int, str | None]:
        """Return committed rows and the newest ``modified`` among them."""
        count, newest = self._db.execute(f"SELECT count(*), max(modified) FROM {module}").fetchone()
        return int(count), newest

    def schedule(self, due: float, task: Task) -> None:
        values = (due, task.module, task.key, task.step, task.note)
        self._db.execute("INSERT INTO task VALUES (?, ?, ?, ?, ?)", values)

    def due(self, now: float, at_most: int) -> list[Task]:
        """Take the tasks whose time has come; a row with an open transaction is locked and waits."""
        rows = self._db.execute(
            "SELECT rowid, module, key, step, note FROM task"
            " WHERE due <= ? AND (module, key) NOT IN (SELECT module, key FROM late) ORDER BY due LIMIT ?",
            (now, at_most),
        ).fetchall()
        self._db.executemany("DELETE FROM task WHERE rowid = ?", [(row[0],) for row in rows])
        return [Task(*task) for _, *task in rows]
