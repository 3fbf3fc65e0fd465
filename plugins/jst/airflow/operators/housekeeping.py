"""The operators of ``jst_housekeeping``: what is old is deleted, a kind at a time."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowSkipException
from sqlalchemy.engine import URL

from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import parts_from_connections
from jst.clock import SystemClock
from jst.control.old_rows import OldRows
from jst.errors import Retry
from jst.model.retention import load_retention

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)
METADATA = "airflow_metadata"


class CleanControlOperator(BaseOperator):
    """Delete what the control database no longer needs; returns rows by table."""

    def execute(self, context: Context) -> dict[str, int]:
        days, deleted = msgspec.structs.asdict(load_retention()), dict[str, int]()
        with parts_from_connections() as parts:
            for table, rows in OldRows(parts.database).delete(days):
                log.info("jst_ops %s：删除 %d 行（早于 %d 天）", table, rows, days[table])
                deleted[table] = rows
        return deleted


class CleanRunsOperator(BaseOperator):
    """Let Airflow delete its old runs, by the connection to its metadata; skipped where there is none."""

    def execute(self, context: Context) -> None:
        conn = connection_if_any(METADATA)
        if conn is None:
            raise AirflowSkipException(
                f"没有连接 {METADATA}：Airflow 的运行记录不会过期。建一个（类型 postgres，Airflow 的元数据库），"
                "或自己定时运行 airflow db clean：docs/retention.md"
            )
        before = SystemClock().now() - timedelta(days=load_retention().airflow_runs)
        address = URL.create(
            "postgresql+psycopg2", conn.login, conn.password, conn.host, conn.port, conn.schema, conn.extra_dejson
        )
        # a task may not reach the metadata; the command is no task, and the password stays out of the process list
        environment = {name: value for name, value in os.environ.items() if "AIRFLOW_PROCESS_CONTEXT" not in name}
        environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = address.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", before.isoformat()]
        done = subprocess.run(
            [*command, "--skip-archive", "--yes"], env=environment, capture_output=True, text=True, check=False
        )
        for line in done.stdout.splitlines():
            log.info("%s", line)
        if done.returncode:
            said = " ".join(done.stderr.split())[-500:]
            raise Retry(f"airflow db clean 没有完成：{said}", do=f"检查连接 {METADATA} 与 Airflow 的元数据库")


class CleanLogsOperator(BaseOperator):
    """Delete old log files below Airflow's log folder on the machine this runs on; returns how many."""

    def execute(self, context: Context) -> int:
        folder = Path(str(conf.get("logging", "base_log_folder")))
        before = SystemClock().now() - timedelta(days=load_retention().airflow_logs)
        files, size = delete_files(folder, before.timestamp())
        log.info("%s：删除 %d 个文件，%.1f MB", folder, files, size / 1e6)
        return files


def delete_files(folder: Path, before: float) -> tuple[int, int]:
    """Delete files last written ``before`` a Unix time, and folders that have been empty since; returns files and
    bytes."""
    files = size = 0
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(place, name)
            known = path.lstat()
            if known.st_mtime < before:
                path.unlink(missing_ok=True)
                files, size = files + 1, size + known.st_size
        # one that was emptied now stays: a task that has just made it may be about to write
        if Path(place) != folder and Path(place).stat().st_mtime < before and not os.listdir(place):
            os.rmdir(place)
    return files, size
