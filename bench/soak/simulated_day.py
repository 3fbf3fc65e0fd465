"""A simulated day: no clock moves. What a day's schedule starts is started for each of its 24 hours, one hour after the
other as fast as it goes; then all that is over becomes 400 days older, and the night's cleaning must find it.

Simulated: hours (what runs every few minutes runs once an hour), and age (the dates of rows and files are set back).
Not simulated: TTLs of ClickHouse and Kafka's retention, which are the servers' own.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg2

from bench.soak.judgement import MB
from bench.soak.keepers import keeper
from bench.soak.look import Values, Watcher
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.old_rows import OldRows
from jst.model.retention import load_retention
from local import report
from local.airflow_api import AirflowApi
from local.layout import Layout, LocalError
from local.services import postgres

HOURS, AGE_DAYS, OLD_DAYS = 24, 400, 200
RUN_SECONDS = 1800.0
CLEANING = "jst_housekeeping"
_OVER = "interval '30 minutes'"
"""What ended less long ago may still be looked at by what runs."""
_AGED: dict[str, dict[str, tuple[str, ...]]] = {
    "airflow": {
        "dag_run": ("end_date", "start_date"),
        "task_instance": ("end_date", "start_date"),
        "task_instance_history": ("end_date", "start_date"),
        "xcom": ("timestamp",),
        "log": ("dttm",),
        "asset_event": ("timestamp",),
    },
    "jst_ops": {
        "plan": ("updated_at",),
        "shift": ("ended_at",),
        "incident": ("settled_at",),
        "message": ("put_at",),
        "budget_minute": ("minute",),
        "api_minute": ("minute",),
    },
}
"""Database → table → its dates, the one that decides first."""
_CRON = re.compile(r"\S+ (\*|\d+) \* \* \*")


def due(schedules: dict[str, str], hour: int) -> list[str]:
    """Return the DAGs (id → cron) that an hour of the day starts; those that are no cron are not in it."""
    found = ((dag_id, _CRON.fullmatch(cron)) for dag_id, cron in schedules.items())
    return [dag_id for dag_id, cron in found if cron and cron[1] in ("*", str(hour))]


@dataclass(slots=True)
class SimulatedDay:
    layout: Layout
    _airflow: AirflowApi = field(init=False)
    _watcher: Watcher = field(init=False)

    def __post_init__(self) -> None:
        self._airflow = AirflowApi.of(report.environment(self.layout, sandbox=True))
        self._watcher = Watcher(self.layout)

    def close(self) -> None:
        self._airflow.close()

    def run(self, number: int) -> bool:
        """Hold one day and tell of it; returns whether every run succeeded and all that was old is gone."""
        before, schedules, failed = self._watcher.look(), self._schedules(), list[str]()
        print(f"模拟的第 {number} 天：24 轮，{'、'.join(sorted(schedules))}", flush=True)
        for hour in range(HOURS):
            failed += self._hour(hour, due(schedules, hour), number)
        evening = self._watcher.look()
        aged = self._age()
        failed += self._finished({CLEANING: self._trigger(CLEANING)})
        left, after = self._left(), self._watcher.look()
        for line in _told(before, evening, after, aged, left, failed):
            print(line, flush=True)
        return not failed and not any(left.values())

    def _schedules(self) -> dict[str, str]:
        dags = self._airflow.request("GET", "dags", params={"limit": 100, "paused": "false"}).raise_for_status()
        return {dag["dag_id"]: dag["timetable_summary"] or "" for dag in dags.json()["dags"]}

    def _hour(self, hour: int, dags: list[str], number: int) -> list[str]:
        began = time.monotonic()
        runs = {dag_id: self._trigger(dag_id) for dag_id in dags}
        if hour == 1:  # the business day before is certified at night
            runs["jst_backfill"] = self._trigger(
                "jst_backfill", datetime.now(SHANGHAI).date() - timedelta(days=1 + number)
            )
        failed = self._finished(runs)
        said = f"，失败：{'、'.join(failed)}" if failed else ""
        print(f"  {hour:02d} 时：{len(runs)} 次运行，{time.monotonic() - began:.0f} 秒{said}", flush=True)
        return failed

    def _trigger(self, dag_id: str, day: date | None = None) -> str:
        midnight = None if day is None else datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).isoformat()
        run_id = f"soak__{time.time():.3f}"
        body = {"dag_run_id": run_id, "logical_date": midnight, "note": "bench soak"}
        self._airflow.request("POST", f"dags/{dag_id}/dagRuns", body=body).raise_for_status()
        return run_id

    def _finished(self, runs: dict[str, str]) -> list[str]:
        """Wait for all of them; returns those that did not succeed. Raises LocalError when one takes too long."""
        states, give_up = dict[str, str](), time.monotonic() + RUN_SECONDS
        while missing := [dag_id for dag_id in runs if states.get(dag_id) not in ("success", "failed")]:
            if time.monotonic() > give_up:
                raise LocalError(f"{RUN_SECONDS:.0f} 秒内没有结束：{'、'.join(missing)}")
            for dag_id in missing:
                states[dag_id] = self._state(dag_id, runs[dag_id])
            time.sleep(1)
        return [f"{dag_id} {runs[dag_id]}" for dag_id, state in states.items() if state == "failed"]

    def _state(self, dag_id: str, run_id: str) -> str:
        run: dict[str, Any] = self._airflow.request("GET", f"dags/{dag_id}/dagRuns/{run_id}").raise_for_status().json()
        return str(run["state"])

    def _age(self) -> dict[str, int]:
        """Set back the dates of what is over; returns how many rows of each table, and files."""
        aged = {
            f"{database}.{table}": self._change(database, _older(table, columns))
            for database, tables in _AGED.items() for table, columns in tables.items()
        }  # fmt: skip
        now = time.time()
        files = [path for path in self._logs() if path.stat().st_mtime < now - 1800]
        for path in files:
            os.utime(path, (now - AGE_DAYS * 86_400,) * 2)
        return {**aged, "logs": len(files)}

    def _left(self) -> dict[str, int]:
        """Return what should be gone and is not."""
        days = msgspec.structs.asdict(load_retention())
        with Database(postgres.control_dsn(self.layout)) as database:
            left = {f"jst_ops.{table}": rows for table, rows in OldRows(database).delete(days)}
        old = f"end_date < now() - interval '{OLD_DAYS} days'"
        # the last run of each DAG stays, with its tasks
        runs = f"SELECT count(*) - count(DISTINCT dag_id) FROM dag_run WHERE {old}"
        left["airflow.dag_run"] = max(0, self._number("airflow", runs))
        left["logs"] = sum(path.stat().st_mtime < time.time() - OLD_DAYS * 86_400 for path in self._logs())
        return left

    def _logs(self) -> list[Path]:
        return [path for path in (self.layout.logs / "airflow").rglob("*") if path.is_file()]

    def _change(self, database: str, sql: str) -> int:
        with closing(psycopg2.connect(self._dsn(database))) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.rowcount)

    def _number(self, database: str, sql: str) -> int:
        with closing(psycopg2.connect(self._dsn(database))) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            ((number,),) = cursor.fetchall()
            return int(number)

    def _dsn(self, database: str) -> str:
        if database == "jst_ops":
            return postgres.control_dsn(self.layout)
        return postgres.airflow_dsn(self.layout).replace("+psycopg2", "")


def _older(table: str, columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{column} = {column} - interval '{AGE_DAYS} days'" for column in columns)
    recent = f"now() - interval '{OLD_DAYS} days'"
    return f"UPDATE {table} SET {changes} WHERE {columns[0]} BETWEEN {recent} AND now() - {_OVER}"


def _told(
    before: Values, evening: Values, after: Values, aged: dict[str, int], left: dict[str, int], failed: list[str]
) -> Iterator[str]:
    yield report.pad("  大小（MB），增长 0.25 以上的", 46) + "".join(
        report.pad(each, 14) for each in ("之前", "24 轮之后", "清理之后")
    )
    grown = [name for name in evening if name.startswith("size/") and evening[name] - before.get(name, 0) > MB / 4]
    for name in sorted(grown):
        cells = [f"{values.get(name, 0) / MB:.2f}" for values in (before, evening, after)]
        row = report.pad(name.removeprefix("size/"), 44) + "".join(report.pad(cell, 14) for cell in cells)
        yield f"  {row}{keeper(name)}"
    memory = [_memory(values) for values in (before, evening, after)]
    yield f"  内存 PSS：之前 {memory[0]:,.0f}，24 轮之后 {memory[1]:,.0f}，清理之后 {memory[2]:,.0f} MB"
    yield "  变老的：" + "，".join(f"{name} {count:,}" for name, count in aged.items())
    still = "，".join(f"{name} {count}" for name, count in left.items() if count)
    yield f"{'✗' if still else '✓'} 清理之后还在的：{still or '无'}"
    yield f"{'✗' if failed else '✓'} 失败的运行：" + ("、".join(failed) or "无")


def _memory(values: Values) -> float:
    return sum(value for name, value in values.items() if name.startswith("memory/")) / MB
