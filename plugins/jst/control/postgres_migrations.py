"""Bring the control database up to date: numbered SQL files, each applied once, history checked by checksum."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import psycopg2

from jst.control.database import Cursor, Database
from jst.control.lock_numbers import MIGRATIONS
from jst.errors import Misconfigured
from jst.model.module import INCLUDE
from jst.model.needed_migrations import check_applied

log = logging.getLogger(__name__)
FOLDER = INCLUDE / "sql" / "migrations" / "postgres"
_CREATE = """CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"""


def migrate(database: Database, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing, in order, in one transaction; returns the names applied. A database that a newer program
    has brought further is left as it is.

    Raises Misconfigured when a file that was applied has been changed or has gone.
    """
    files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))}

    def work(cur: Cursor) -> list[str]:
        cur.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATIONS,))
        cur.execute(_CREATE)
        cur.execute("SELECT name, checksum FROM migration")
        _check_history(dict(cur.fetchall()), files)
        cur.execute("SELECT name FROM migration")
        done = {name for (name,) in cur.fetchall()}
        fresh = [name for name in files if name not in done]
        for name in fresh:
            cur.execute(files[name])
            cur.execute("INSERT INTO migration (name, checksum) VALUES (%s, %s)", (name, _checksum(files[name])))
        return fresh

    return database.transaction(work)


def check_schema(database: Database) -> None:
    """Check that the control database has every migration of this program; one that has more is a newer program's and
    goes on serving this one.

    Raises Misconfigured.
    """
    try:
        applied = {name for (name,) in database.rows("SELECT name FROM migration")}
    except psycopg2.errors.UndefinedTable:
        applied = set()
    check_applied(applied, FOLDER, "控制库 jst_ops ")


def _check_history(applied: dict[str, str], files: dict[str, str]) -> None:
    for name, checksum in applied.items():
        if name > max(files):
            log.warning("控制库 jst_ops 执行过本程序没有的迁移 %s：库表比程序新，照常运行", name)
            continue  # tables only grow, so an older program goes on
        if name not in files or _checksum(files[name]) != checksum:
            raise Misconfigured(
                f"控制库已执行过迁移 {name}，但文件{'不见了' if name not in files else '被改过'}",
                do="迁移只增不改：恢复该文件，把改动写成新的一个",
            )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
