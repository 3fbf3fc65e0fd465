"""Airflow's command line with a metadata database of its own."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import parse_dsn

from local.layout import SANDBOX_WORKBOOK
from tests.support.house import House
from tests.support.sandbox import SECRET

ROOT = Path(__file__).parents[2]


class Airflow:
    """Airflow's command line with a metadata database of its own and the connections a person would make."""

    def __init__(self, home: Path, empty: Path) -> None:
        """``empty``: where the first of several processes leaves a migrated metadata database for the others."""
        self._home = home
        self._server: subprocess.Popen[str] | None = None
        self.environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "plugins"), str(ROOT))),
        }
        with empty.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not empty.exists():
                self.run("db", "migrate").check_returncode()
                shutil.copy(home / "airflow.db", empty)
        shutil.copy(empty, home / "airflow.db")

    def connect(self, house: House, secret: str = SECRET) -> None:
        control, warehouse = parse_dsn(house.dsn), house.address
        source = house.settings
        extra = {"dialect": source.dialect, "stock": source.stock, "quotas": dict(source.quotas)}
        app = {"host": house.sandbox.url, "login": "sandbox_app", "password": secret}
        self.set("jushuitan_default", "jushuitan", **app, extra=extra)
        self.set("kafka_default", "kafka", extra=house.kafka)
        self.set("shops_workbook", "generic", extra={"url": str(SANDBOX_WORKBOOK)})
        self.set(
            "clickhouse_default",
            "clickhouse",
            host=warehouse["host"],
            port=warehouse["port"],
            login=warehouse["user"],
            password=warehouse["password"],
        )
        self.set(
            "jst_ops",
            "postgres",
            host=control["host"],
            port=int(control["port"]),
            login=control["user"],
            password=control.get("password"),
            schema=control["dbname"],
        )

    def set(self, name: str, kind: str, **fields: Any) -> None:
        self.environment[f"AIRFLOW_CONN_{name.upper()}"] = json.dumps({"conn_type": kind, **fields})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run to the end, at most three minutes; a command that hangs fails with what it said so far. A command for a
        DAG reads the file of that DAG only: it would read and store those of all others, twice."""
        server = self._server = self._running()
        stdout, stderr = self._home / "stdout", self._home / "stderr"
        environment = self.environment | (self._bundle(arguments[2]) if arguments[1] == "test" else {})
        order = {"arguments": arguments, "environment": environment, "stdout": str(stdout), "stderr": str(stderr)}
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        if not select.select([server.stdout], [], [], 180)[0]:
            self.close()
            pytest.fail(f"{arguments} hangs: {(stdout.read_text() + stderr.read_text())[-6000:]}")
        code = server.stdout.readline()
        assert code, f"the process that forks commands ended with {server.wait()} before {arguments} was done"
        return subprocess.CompletedProcess(arguments, int(code), stdout.read_text(), stderr.read_text())

    def _bundle(self, dag_id: str) -> dict[str, str]:
        """Point Airflow to a folder that holds this DAG alone."""
        folder = self._home / dag_id
        if not folder.exists():
            folder.mkdir()
            shutil.copy(ROOT / "dags" / f"{dag_id}.py", folder)
        local = "airflow.dag_processing.bundles.local.LocalDagBundle"
        bundle = {"name": "dags-folder", "classpath": local, "kwargs": {"path": str(folder)}}
        return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle])}

    def put_beside(self, dag_id: str, code: str) -> None:
        """Put a DAG file of a user beside the file of ``dag_id``, before that is run; its DAG is not paused."""
        self._bundle(dag_id)
        unpaused = code.replace("catchup=False", "catchup=False, is_paused_upon_creation=False")
        (self._home / dag_id / f"reader_of_{dag_id}.py").write_text(unpaused, "utf-8")

    def connections(self) -> dict[str, dict[str, Any]]:
        """The connections as they were set, by name."""
        prefix = "AIRFLOW_CONN_"
        return {
            variable.removeprefix(prefix).lower(): json.loads(value)
            for variable, value in self.environment.items()
            if variable.startswith(prefix)
        }

    def written(self) -> dict[str, bytes]:
        """Every file Airflow has written: logs, what commands printed, the metadata database."""
        return {str(path): path.read_bytes() for path in self._home.rglob("*") if path.is_file()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the metadata database."""
        with closing(sqlite3.connect(self._home / "airflow.db")) as metadata:
            return metadata.execute(sql).fetchall()

    def close(self) -> None:
        """End the process that forks commands, and a command that still runs."""
        if self._server is not None and self._server.poll() is None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.communicate()
        self._server = None

    def _running(self) -> subprocess.Popen[str]:
        if self._server is not None and self._server.poll() is None:
            return self._server
        with (self._home / "forks.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.support.airflow_forks"],
                env=self.environment,
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
