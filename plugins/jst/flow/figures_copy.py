"""Copy what the control database knows of the pipeline into ClickHouse, where boards and monitoring may read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jst.clock import SHANGHAI, Clock
from jst.control.database import Database
from jst.control.postgres_migrations import check_schema
from jst.model.module import module_names, modules_of
from jst.warehouse.cluster import Warehouse, translate_errors
from jst.warehouse.sql import INSERT_SETTINGS, statement

_LATE_COMMITS = timedelta(seconds=30)
"""A row's time of change is older than its commit: what was changed shortly before the last copy is copied again."""
_MOST_ROWS = 20_000
_LOGGED_SECONDS = 15
"""ClickHouse writes its log of queries every few seconds."""


class Figures:
    """Copies again and again; all tables keep the newest version of a row, so every copy may be repeated."""

    def __init__(self, database: Database, warehouse: Warehouse, clock: Clock) -> None:
        self._db, self._warehouse, self._clock = database, warehouse, clock
        self._until: datetime | None = None
        self._scored: datetime | None = None

    def copy(self) -> None:
        """Copy the counts of requests that have changed, and how every module stands now; once a minute score
        how 瓴羊BI is served. Raises Retry, and Misconfigured where a server's tables are older than this program."""
        if self._until is None:
            check_schema(self._db)
        again = "恢复后几秒内自动补上，不会丢失"
        with translate_errors("运行指标", away=again, refused=f"运行 DAG jst_schema，它会补上缺少的表；{again}"):
            self._copy_calls()
            live = [module.name for module in modules_of("live")]
            rows = self._db.rows(statement("figures/modules"), modules=[*module_names(), ""], live=live)
            self._warehouse.execute(statement("figures/store_modules"), rows, settings=INSERT_SETTINGS)
            self._score_bi()

    def _copy_calls(self) -> None:
        if self._until is None:
            ((newest,),) = self._warehouse.execute(statement("figures/calls_until"))
            self._until = newest.astimezone(UTC)
        rows = self._db.rows(statement("figures/calls"), since=self._until - _LATE_COMMITS, most=_MOST_ROWS)
        if rows:
            self._warehouse.execute(statement("figures/store_calls"), rows, settings=INSERT_SETTINGS)
            self._until = max(self._until, rows[-1][-1])

    def _score_bi(self) -> None:
        now = self._clock.now()
        minute = (now - timedelta(seconds=_LOGGED_SECONDS)).astimezone(SHANGHAI).replace(second=0, microsecond=0)
        if minute == self._scored:
            return
        until = f"{minute:%Y-%m-%d %H:%M:%S}"
        # read first: the log is of the node that serves, and every node gets the same row
        ((score, *counts),) = self._warehouse.execute(statement("figures/bi_health"), {"until": until})
        row = (minute, score, *counts, now)
        self._warehouse.execute(statement("figures/store_bi_health"), [row], settings=INSERT_SETTINGS)
        self._scored = minute
