"""One round of data-quality checks: count what is wrong, write it down, open and close incidents."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from jst.clock import Clock, is_night
from jst.control.check_results import CheckResult, CheckResults
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.control.load_progress import progress
from jst.control.stock_kinds import StockKinds
from jst.flow.disk_look import look_at_disk
from jst.model.check_facts import Check
from jst.model.module import load_module, module_names, modules_of
from jst.warehouse.cluster import Warehouse, translate_errors
from jst.warehouse.sql import INSERT_SETTINGS, OVER_EVERYTHING, statement

log = logging.getLogger(__name__)
Found = list[tuple[Check, CheckResult]]
_EXAMPLES = 5
_SINCE_LAST_NIGHT = timedelta(hours=12)


class CheckRound:
    """Runs the checks on both databases."""

    def __init__(self, database: Database, warehouse: Warehouse, clock: Clock) -> None:
        self._db, self._warehouse, self._clock = database, warehouse, clock
        self._results, self._incidents = CheckResults(database), Incidents(database)

    def run(self, checks: Sequence[Check], *, whether_due_or_not: bool = False) -> Found:
        """Run the checks that are due; returns those of which an incident is open. Checks of the control database come
        first: they have a result also while ClickHouse is away, which raises Retry. What looks for something that a
        first load has still to bring waits for it."""
        done: Found = []
        loading = {load.module for load in progress(self._db, under_way=True)}
        for check in sorted(checks, key=lambda each: each.store):
            if loading & set(check.after):
                log.info("%s：等首次装载完成再检查", check.title)
            elif whether_due_or_not or self._is_due(check):
                done.append((check, self._run_one(check)))
        look_at_disk(self._incidents, Path(os.environ.get("AIRFLOW_HOME", ".")))
        self._copy_results(done)
        return [(check, result) for check, result in done if self._open_or_close(check, result)]

    def _is_due(self, check: Check) -> bool:
        if check.at_night:
            return is_night(self._clock.now()) and self._results.due(check.name, _SINCE_LAST_NIGHT)
        return self._results.due(check.name, timedelta(minutes=check.every_minutes))

    def _run_one(self, check: Check) -> CheckResult:
        began = self._clock.monotonic()
        found, examples = self._count_found(check)
        result = self._results.record(check.name, found, examples, self._clock.monotonic() - began)
        mark = "✓" if not found else "✗" if check.severity == "bad" else "!"
        log.info("%s %s（%.1f 秒）", mark, check.describe(found, examples), result.seconds)
        return result

    def _count_found(self, check: Check) -> tuple[int, list[str]]:
        sql = statement(f"checks/{check.name}", **StockKinds(self._db).standing().facts)
        if check.store == "control":
            examples = f"coalesce((array_agg(what))[1:{_EXAMPLES}], '{{}}')"
            live, names = [module.name for module in modules_of("live")], module_names()
            titles = [load_module(name).title for name in names]
            counted = f"SELECT count(*), {examples} FROM (\n{sql}\n) AS found"
            (row,) = self._db.rows(counted, live=live, modules=names, titles=titles)
        else:
            with self._translate_errors(check.title):
                wrapped = f"SELECT count(), groupArray({_EXAMPLES})(what) FROM (\n{sql}\n)"
                (row,) = self._warehouse.execute(wrapped, settings=OVER_EVERYTHING)
        return row[0], row[1]

    def _open_or_close(self, check: Check, result: CheckResult) -> bool:
        """Open or close the check's incident; returns whether it is open."""
        if not result.found:
            self._incidents.close(check.kind, "", check.name)
            return False
        if result.standing < timedelta(minutes=check.patience_minutes):
            return False
        detail = {"found": result.found, "examples": result.examples, "owner": check.owner}
        what = f"{check.describe(result.found, result.examples)}，负责人：{check.owner}"
        self._incidents.open(check.kind, "", check.name, what, check.do, detail)
        return True

    def _copy_results(self, done: Found) -> None:
        """Copy the results to ClickHouse, for boards and metrics: the newest are in the control database."""
        rows = [
            (it.name, it.checked_at, check.severity, check.owner, it.found, it.examples, it.since, it.seconds)
            for check, it in done
        ]
        if rows:
            with self._translate_errors("检查结果"):
                self._warehouse.execute(statement("check_results/store"), rows, settings=INSERT_SETTINGS)

    def _translate_errors(self, what: str) -> AbstractContextManager[None]:
        again = "恢复后下一轮自动检查"
        refused = f"按错误信息检查 include/sql/checks；{again}"
        return translate_errors(f"检查“{what}”", away=again, refused=refused)
