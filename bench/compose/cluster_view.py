"""What this machine sees of the running stack: containers, watermarks, the ledger's first line, red tasks."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import psycopg2

from bench.compose.engine import FOLDER, Engine
from local.layout import LocalError

LIVE = ("sale_out", "inventory", "after_sale")
_HEADLINE = re.compile(r'data-part="headline"[^>]*>\s*<h2>(.*?)</h2>', re.DOTALL)


class ClusterView:
    """Asks the engine, PostgreSQL by its container's address, and Airflow through haproxy."""

    def __init__(self, engine: Engine, variables: dict[str, str]) -> None:
        self._engine, self._variables = engine, variables
        self._addresses: dict[str, str] = {}

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return every container of the stack by its name."""
        ours = f"label=com.docker.compose.project={self._variables['COMPOSE_PROJECT_NAME']}"
        ids = self._engine.podman("ps", "--all", "--quiet", "--filter", ours).split()
        listed = json.loads(self._engine.podman("inspect", *ids)) if ids else []
        return {each["Name"]: each for each in listed}

    def of_service(self, service: str) -> list[dict[str, Any]]:
        """Return the containers of a service that run, in the order of their numbers."""
        found = [
            (name, each)
            for name, each in self.containers().items()
            if each["Config"]["Labels"].get("com.docker.compose.service") == service and each["State"]["Running"]
        ]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def unwell(self) -> list[str]:
        """List what is not running and healthy; what ends by itself counts when it ended well."""
        left = []
        for name, each in sorted(self.containers().items()):
            state = each["State"]
            health = (state.get("Health") or state.get("Healthcheck") or {}).get("Status", "")
            once = each["Config"]["Labels"].get("com.docker.compose.service") == "init"
            if once and not state["Running"] and state["ExitCode"] == 0:
                continue
            if not state["Running"] or health not in ("", "healthy"):
                left.append(f"{name} {state['Status']} {health}".strip())
        return left

    def keep_logs(self) -> None:
        """Write what every container has said so far to a file of its own."""
        folder = FOLDER / "logs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in self.containers():
            self._engine.podman("logs", name, log=folder / f"{name}.log")

    def kill(self, container: dict[str, Any]) -> None:
        """End a container's first process as a crash does: the engine's own kill would count as wished."""
        os.kill(int(container["State"]["Pid"]), signal.SIGKILL)

    def ages(self) -> dict[str, float]:
        """Return seconds since each live module is complete. Raises psycopg2.OperationalError or LocalError
        while PostgreSQL is away."""
        age = "extract(epoch FROM clock_timestamp() - value)::float"
        rows = self.control(f"SELECT module, {age} FROM watermark WHERE kind = 'complete'")
        return {module: age for module, age in rows if module in LIVE}

    def serving(self) -> str:
        """Return the host of the ClickHouse node that serves."""
        return next(name.partition(":")[0] for name, state in self.nodes().items() if state == "serving")

    def nodes(self) -> dict[str, str]:
        """Return the state of each ClickHouse node."""
        return dict(self.control("SELECT node, state FROM node"))

    def failed(self, since: float) -> list[str]:
        """Name tasks that ended red since then."""
        sql = "SELECT dag_id, task_id FROM task_instance WHERE state = 'failed' AND end_date > to_timestamp(%s)"
        return [".".join(row) for row in self._airflow(sql, since)]

    def live_tasks(self, container: dict[str, Any]) -> int:
        """Count the live feeds' tasks that run in a container."""
        sql = "SELECT count(*) FROM task_instance WHERE state = 'running' AND hostname = %s AND dag_id = ANY(%s)"
        feeds = [f"jst_{module}" for module in LIVE]
        return int(self._airflow(sql, container["Config"]["Hostname"], feeds)[0][0])

    def control(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the control database."""
        return self._rows("jst", "POSTGRES_JST_PASSWORD", "jst_ops", sql)

    def _airflow(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._rows("airflow", "POSTGRES_AIRFLOW_PASSWORD", "airflow", sql, *values)

    def _rows(self, user: str, password: str, database: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask PostgreSQL in its container, whose address may be another one after a restart."""
        login: dict[str, Any] = {
            "user": user,
            "password": self._variables[password],
            "dbname": database,
            "connect_timeout": 3,
        }
        try:
            with closing(psycopg2.connect(host=self._address("postgres"), **login)) as connection:
                cursor = connection.cursor()
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        except psycopg2.OperationalError:
            self._addresses.pop("postgres", None)
            raise

    def monitored(self) -> bool:
        """Whether Prometheus scrapes everything it should, figures of Airflow's own are there, and no alert fires."""
        base = f"http://{self._address('prometheus')}:9090/api/v1"
        with httpx.Client(trust_env=False, timeout=10) as web:
            up = web.get(f"{base}/query", params={"query": "min by (job) (up)"}).json()["data"]["result"]
            beats = web.get(f"{base}/query", params={"query": "airflow_scheduler_heartbeat"}).json()["data"]["result"]
            alerts = web.get(f"{base}/alerts").json()["data"]["alerts"]
        jobs = {each["metric"]["job"]: each["value"][1] for each in up}
        return jobs == {"jst": "1", "airflow": "1"} and bool(beats) and not alerts

    def _address(self, service: str) -> str:
        """Return the address of a service's first container. Raises LocalError when none runs."""
        if service not in self._addresses:
            found = self.of_service(service)
            if not found:
                raise LocalError(f"{service} 不在运行")
            (network,) = found[0]["NetworkSettings"]["Networks"].values()
            self._addresses[service] = network["IPAddress"]
        return self._addresses[service]

    def first_line(self) -> str:
        """Return the ledger's first line, as on-call reads it through haproxy; '' while it is not to be had."""
        login = {"username": "admin", "password": self._variables["AIRFLOW_ADMIN_PASSWORD"]}
        with httpx.Client(base_url=self._variables["AIRFLOW_BASE_URL"], trust_env=False, timeout=20) as web:
            try:
                token = web.post("/auth/token", json=login).raise_for_status().json()["access_token"]
                page = web.get("/jst/ledger/now", headers={"Authorization": f"Bearer {token}"}).raise_for_status().text
            except httpx.HTTPError:
                return ""
        found = _HEADLINE.search(page)
        return html.unescape(" ".join(found[1].split())) if found else ""

    def wait(self, what: str, seconds: float, ready: Callable[[], object]) -> float:
        """Wait until ``ready`` returns true; returns the seconds it took. Raises LocalError when it does not."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                if ready():
                    return time.monotonic() - began
            except (psycopg2.Error, httpx.HTTPError, LocalError):
                pass
            time.sleep(2.0)
        raise LocalError(f"{seconds:.0f} 秒内没有等到：{what}；{'；'.join(self.unwell())}；账本：{self.first_line()}")
