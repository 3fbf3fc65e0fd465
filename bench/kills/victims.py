"""The processes a drill kills, and how one sees that they are back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from local.layout import Layout, LocalError
from local.state import State


@dataclass(frozen=True, slots=True)
class Victim:
    """``find`` gives its process id now, 0 while it has none. ``asleep``: it is killed while every feed waits for a
    change, because a shift under way does not need it."""

    name: str
    title: str
    find: Callable[[], int]
    asleep: bool = False

    def is_back(self, killed: int) -> bool:
        """Another process does the work and is ready for it."""
        return self.find() not in (0, killed)


class Airflow:
    """What Airflow says about runs and tasks; raises httpx errors while it is away."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._api = httpx.Client(base_url=environment["JST_AIRFLOW_URL"], trust_env=False, timeout=10)
        login = {"username": environment["JST_AIRFLOW_USER"], "password": environment["JST_AIRFLOW_PASSWORD"]}
        token = self._api.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        self._api.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._api.close()

    def tasks(self, state: str, dag_id: str = "~") -> list[dict[str, Any]]:
        """Task instances in a state."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances"
        return self._all(path, "task_instances", {"state": state})

    def runs_since(self, moment: str) -> list[dict[str, Any]]:
        """Runs that ended since an ISO time."""
        return self._all("/api/v2/dags/~/dagRuns", "dag_runs", {"end_date_gte": moment})

    def _all(self, path: str, name: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page: dict[str, str | int] = {**query, "limit": 100, "offset": len(found)}
            rows = self._api.get(path, params=page).raise_for_status().json()[name]
            found += rows
            if len(rows) < 100:
                return found


def victims(layout: Layout, airflow: Airflow, module: str) -> Iterator[Victim]:
    """In the order of the drill; tasks are those of ``module``'s live feed."""
    for name in ("scheduler", "triggerer", "dag-processor", "api-server"):
        yield Victim(name, f"Airflow {name}", _service(layout, name), asleep=name == "triggerer")
    for verb in ("pull", "load"):
        task = f"{verb}_{module}"
        yield Victim(verb, f"任务 {task}", _task(layout, airflow, module, task, "airflow worker -- {}"))
    task = f"load_{module}"
    yield Victim(
        "worker", f"任务 {task} 的 worker", _task(layout, airflow, module, task, "airflow worker -- LocalExecutor: {}")
    )
    for name, title in (("kafka", "Kafka"), ("clickhouse", "ClickHouse"), ("postgres", "PostgreSQL")):
        yield Victim(name, title, _service(layout, name))


def _service(layout: Layout, name: str) -> Callable[[], int]:
    def find() -> int:
        process = processes(layout)[name]
        return process.pid if process.state == "running" else 0

    return find


def _task(layout: Layout, airflow: Airflow, module: str, task: str, title: str) -> Callable[[], int]:
    """LocalExecutor writes the task instance's id into the titles of a worker and of the task process below it."""

    def find() -> int:
        try:
            running = [row["id"] for row in airflow.tasks("running", f"jst_{module}") if row["task_id"] == task]
        except httpx.HTTPError:
            return 0
        titles = {title.format(identity) for identity in running}
        return next((pid for pid, line in task_processes(layout) if line in titles), 0)

    return find


def task_processes(layout: Layout) -> list[tuple[int, str]]:
    """(pid, title) of every process below the scheduler."""
    found: list[tuple[int, str]] = []
    try:
        below = psutil.Process(processes(layout)["scheduler"].pid).children(recursive=True)
    except psutil.Error:
        return found
    for process in below:
        try:
            found.append((process.pid, " ".join(process.cmdline()).strip()))
        except psutil.Error:
            continue
    return found


def processes(layout: Layout) -> dict[str, Any]:
    """Name → what the supervisor says of it."""
    state = State.read(layout)
    if state is None:
        raise LocalError("没有在运行：先运行 make up")
    return dict(state.processes)
