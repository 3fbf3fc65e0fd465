"""The processes a drill kills, and how one sees that they are back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from local.airflow_api import AirflowApi
from local.layout import Layout, LocalError
from local.supervise.state import State


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


def logged_in(environment: dict[str, str]) -> AirflowApi:
    """Log in to Airflow. Raises httpx errors when it is away: a drill does not begin then."""
    airflow = AirflowApi.of(environment, timeout=10)
    airflow.log_in()
    return airflow


def victims(layout: Layout, airflow: AirflowApi, module: str) -> Iterator[Victim]:
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


def _task(layout: Layout, airflow: AirflowApi, module: str, task: str, title: str) -> Callable[[], int]:
    """LocalExecutor writes the task instance's id into the titles of a worker and of the task process below it."""

    def find() -> int:
        try:
            rows = airflow.task_instances(f"jst_{module}", state="running")
            running = [row["id"] for row in rows if row["task_id"] == task]
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
