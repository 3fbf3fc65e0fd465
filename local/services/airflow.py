"""Airflow's four components on one machine: settings, connections and how each is started."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2

from local.accounts import ACCOUNTS
from local.layout import HOST, ROOT, SANDBOX_WORKBOOK, Layout, LocalError, Secrets, python_environment, write_private
from local.sandbox.messengers.keys import Keys
from local.services import kafka, monitoring, postgres, source
from local.services.process import Service, Step, http_json

_JOBS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
_BURY = "UPDATE job SET state = 'failed', end_date = now() WHERE job_type = %s AND state = 'running'"
_COMMAND = Path(sys.executable).with_name("airflow")
_SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "22",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    # one person's machine; what a shared Airflow risks by it: docs/connecting.md
    "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
    "AIRFLOW__CORE__AUTH_MANAGER": "boards_auth_manager.BoardsAuthManager",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{each.name}:{each.role}" for each in ACCOUNTS),
    "AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT": "False",
    # a shift hardly needs the scheduler, and looking more often is most of what an idle stack costs
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
    # one that is slow for a moment would take itself for dead and kill every task; of a real death _bury tells
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "60",
    # tasks die with their scheduler here: the next one takes them up within seconds, not after the default 5 minutes
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
    # by this a worker counts as dead; longer than an api-server takes to come back, else its restart would fail tasks
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "40",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    # a changed file is read at once; unchanged ones cost half a core-second each time
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    # a task asks again for half a minute while the api-server is away, at most 4 s after it is back
    "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "12",
    "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "4",
    "AIRFLOW__API__HOST": HOST,
    # no process listens there: on one machine logs are read from the folder
    "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": "18793",
    "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": "18794",
}


def home(layout: Layout) -> Path:
    return layout.data / "airflow"


def url(layout: Layout) -> str:
    return f"http://{HOST}:{layout.ports.airflow}"


def environment(layout: Layout) -> dict[str, str]:
    """Everything an Airflow process of this installation needs, connections included."""
    secrets, folder = layout.secrets, home(layout)
    return {
        **python_environment(),
        **_SETTINGS,
        "PYTHONPATH": os.pathsep.join(
            str(ROOT / each) for each in ("local/airflow_settings", "cluster/config", "plugins")
        ),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.airflow_dsn(layout),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(layout.logs / "airflow"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url(layout)}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": secrets.airflow_fernet,
        "AIRFLOW__API__PORT": str(layout.ports.airflow),
        "AIRFLOW__API__BASE_URL": url(layout),
        "AIRFLOW__API__SECRET_KEY": secrets.airflow_api,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.airflow_jwt,
        **connections(layout),
        **source.first_load(layout),
    }


def connections(layout: Layout) -> dict[str, str]:
    """``AIRFLOW_CONN_…`` variables; a connection to the company's own ERP given from outside is left alone, and gets
    nothing of the sandbox's shops and messengers, as is a robot of the company's own."""
    secrets, ports = layout.secrets, layout.ports
    made: dict[str, dict[str, Any]] = {
        "AIRFLOW_CONN_CLICKHOUSE_DEFAULT": {
            "conn_type": "clickhouse",
            "host": HOST,
            "port": ports.clickhouse,
            "login": "etl",
            "password": secrets.clickhouse("etl"),
            "extra": {"connect_timeout": 3, "send_receive_timeout": 30, "sync_request_timeout": 5},
        },
        "AIRFLOW_CONN_CLICKHOUSE_BOARDS": _login(secrets, "boards"),
        "AIRFLOW_CONN_CLICKHOUSE_BOARDS_FINANCE": _login(secrets, "boards_finance"),
        "AIRFLOW_CONN_CLICKHOUSE_MONITORING": _login(secrets, "monitoring"),
        monitoring.CONNECTION: {"conn_type": "generic", "password": secrets.metrics},
        "AIRFLOW_CONN_KAFKA_DEFAULT": {
            "conn_type": "kafka",
            "extra": {"bootstrap.servers": kafka.bootstrap_servers(layout)},
        },
        "AIRFLOW_CONN_AIRFLOW_METADATA": {
            "conn_type": "postgres",
            "host": HOST,
            "port": ports.postgres,
            "schema": "airflow",
            "login": "airflow",
            "password": secrets.postgres_airflow,
        },
        "AIRFLOW_CONN_JST_OPS": {
            "conn_type": "postgres",
            "host": HOST,
            "port": ports.postgres,
            "schema": "jst_ops",
            "login": "jst",
            "password": secrets.postgres_jst,
        },
    }
    if not source.is_own():
        if source.WORKBOOK_CONNECTION not in os.environ:
            made[source.WORKBOOK_CONNECTION] = {"conn_type": "generic", "extra": {"url": str(SANDBOX_WORKBOOK)}}
        dialect = source.chosen_dialect(layout)
        made[source.CONNECTION] = {
            "conn_type": "jushuitan",
            "host": f"http://{HOST}:{ports.erp}",
            "login": source.APP_KEY,
            "password": secrets.erp,
            "extra": {"dialect": dialect, "stock": source.STOCK[dialect]},
        }
        robots = Keys(secrets.erp).connections(f"http://{HOST}:{ports.erp}")
        made |= {name: fields for conn_id, fields in robots.items() if (name := _variable(conn_id)) not in os.environ}
    return {name: json.dumps(connection) for name, connection in made.items()}


def _variable(conn_id: str) -> str:
    return f"AIRFLOW_CONN_{conn_id.upper()}"


def _login(secrets: Secrets, user: str) -> dict[str, Any]:
    return {"conn_type": "clickhouse", "login": user, "password": secrets.clickhouse(user)}


def migrate_database(layout: Layout) -> Step:
    """Bring the metadata database to this Airflow's version; skipped when it is there already."""
    stamp = home(layout) / f"database-{version('apache-airflow-core')}"
    return Step(
        name="airflow-db",
        title="Airflow 元数据库",
        argv=[str(_COMMAND), "db", "migrate"],
        env=environment(layout),
        log=layout.log("airflow-db"),
        seconds=180.0,
        stamp=stamp,
        prepare=lambda: _write_passwords(layout),
    )


def read_dags(layout: Layout) -> Step:
    """Read every DAG file into the metadata database once, without a dag-processor."""
    return Step(
        name="airflow-dags",
        title="Airflow 读取 DAG",
        argv=[str(_COMMAND), "dags", "reserialize"],
        env=environment(layout),
        log=layout.log("airflow-dags"),
        seconds=120.0,
    )


def prepare(layout: Layout) -> Step:
    """Make what must be there before the scheduler looks at a DAG."""
    return Step(
        name="prepare",
        title="库表、topic 与资源池",
        argv=[sys.executable, "-m", "jst.airflow.prepare"],
        env=environment(layout),
        log=layout.log("prepare"),
        seconds=240.0,
    )


def api_server(layout: Layout) -> Service:
    return _component(layout, "api-server", "Airflow api-server", ["api-server"], "metadatabase")


def workers(layout: Layout) -> list[Service]:
    """List what may start only when the api-server answers, else tasks due at once are marked failed."""
    started = (
        _component(layout, "scheduler", "Airflow scheduler", ["scheduler", "--skip-serve-logs"], "scheduler"),
        _component(layout, "dag-processor", "Airflow dag-processor", ["dag-processor"], "dag_processor"),
        _component(layout, "triggerer", "Airflow triggerer", ["triggerer", "--skip-serve-logs"], "triggerer"),
    )
    # a scheduler that lost PostgreSQL schedules no more, yet waits for its running tasks before it ends
    return [replace(service, needs="postgres") for service in started]


def _component(layout: Layout, name: str, title: str, arguments: list[str], part: str) -> Service:
    return Service(
        name=name,
        title=title,
        argv=[str(_COMMAND), *arguments],
        env=environment(layout),
        log=layout.log(name),
        ready=lambda: _healthy(layout, part),
        seconds=120.0,
        stop_seconds=8.0,  # a scheduler waits for running shifts; they may be cut off at any moment
        prepare=partial(_prepare, layout, _JOBS.get(name, "")),
    )


def _prepare(layout: Layout, job: str) -> None:
    _write_passwords(layout)
    if job:
        _bury(layout, job)


def _bury(layout: Layout, job: str) -> None:
    """Say of the component's last life that it is over: no other process starts one on this machine.

    Airflow itself would wait for missing heartbeats before its tasks and triggers are taken over. Raises LocalError
    when PostgreSQL is away: without it the component could only die again.
    """
    try:
        dsn = postgres.airflow_dsn(layout).replace("+psycopg2", "")
        with closing(psycopg2.connect(dsn, connect_timeout=2)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(_BURY, (job,))
    except psycopg2.OperationalError as problem:
        raise LocalError(f"Airflow 元数据库不可用：{' '.join(str(problem).split())[:200]}") from problem


def _healthy(layout: Layout, part: str) -> bool:
    health = http_json(f"{url(layout)}/api/v2/monitor/health")
    return isinstance(health, Mapping) and health.get(part, {}).get("status") == "healthy"


def _write_passwords(layout: Layout) -> None:
    passwords = {each.name: each.password(layout.secrets) for each in ACCOUNTS}
    write_private(home(layout) / "passwords.json", json.dumps(passwords))
