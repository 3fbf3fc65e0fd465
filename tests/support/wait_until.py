"""Waiting for what another process or thread does, without sleeping for a fixed time."""

from __future__ import annotations

from collections.abc import Callable

import psycopg2
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

CUT_ALL_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND usename = user"""


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Return as soon as ``condition`` is true; raises tenacity.RetryError after ``seconds``."""
    Retrying(wait=wait_fixed(0.02), stop=stop_after_delay(seconds), retry=retry_if_result(lambda done: not done))(
        condition
    )


def until_blocked(dsn: str) -> None:
    """Wait until some session waits for a lock another one holds."""
    watcher = psycopg2.connect(dsn)
    watcher.autocommit = True

    def blocked() -> bool:
        with watcher.cursor() as cur:
            cur.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = user")
            row = cur.fetchone()
        return row is not None and row[0] > 0

    until(blocked)
    watcher.close()
