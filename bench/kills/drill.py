"""One drill: kill a process, then watch until it is back and data flows again."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.instruments.sandbox_shop import SandboxShop
from bench.kills.victims import Victim, task_processes
from local.airflow_api import AirflowApi
from local.layout import Layout, LocalError

LIMIT = 60.0
"""Seconds from a process being back to data flowing."""
_PATIENCE, _LOOK_EVERY = 300.0, 0.5
_TOUCH_EVERY = 6.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class KillOutcome:
    """Seconds after the kill: until the process was ``back``, until each module's data ``flows``; None: never."""

    victim: str
    title: str
    back: float | None
    flows: dict[str, float | None]
    failed_runs: list[str] = field(default_factory=list)

    @property
    def all_flow(self) -> float | None:
        seconds = [each for each in self.flows.values() if each is not None]
        return max(seconds) if len(seconds) == len(self.flows) else None

    @property
    def after(self) -> float | None:
        """Seconds from being back to flowing."""
        return None if self.back is None or self.all_flow is None else max(0.0, self.all_flow - self.back)

    @property
    def good(self) -> bool:
        return self.after is not None and self.after <= LIMIT


class KillDrill:
    def __init__(self, layout: Layout, shop: SandboxShop, airflow: AirflowApi) -> None:
        self._layout, self._shop, self._airflow = layout, shop, airflow

    def kill(self, victim: Victim) -> KillOutcome:
        """Wait until all is well, kill, and watch; raises LocalError when it never gets well."""
        self.until_well()
        if victim.asleep:
            self.until_asleep()
        pid = victim.find()
        if not pid:
            raise LocalError(f"找不到 {victim.title} 的进程")
        os.kill(pid, signal.SIGKILL)
        killed = time.time()
        if victim.asleep:
            self._shop.frozen(False)
        print(f"  … kill -9 {victim.title}（PID {pid}）", flush=True)
        return self.watch(victim, pid, killed)

    def watch(self, victim: Victim, pid: int, killed: float) -> KillOutcome:
        back: float | None = None
        flows: dict[str, float | None] = dict.fromkeys(self._shop.modules)
        touched = killed - _TOUCH_EVERY + 1.0
        while (back is None or None in flows.values()) and time.time() - killed < _PATIENCE:
            if time.time() - touched >= _TOUCH_EVERY:
                touched = time.time()
                self._shop.touch()
            if back is None and victim.is_back(pid):
                back = time.time() - killed
            for module, newest in self._shop.newest().items():
                if flows[module] is None and newest >= int(killed) + 1:
                    flows[module] = time.time() - killed
            time.sleep(_LOOK_EVERY)
        return KillOutcome(victim.name, victim.title, back, flows)

    def until_well(self) -> None:
        """Every live module has both halves of a shift running and shows a fresh change."""
        wanted = {f"{verb}_{module}" for verb in ("pull", "load") for module in self._shop.modules}
        began, touched, deadline = time.time(), 0.0, time.time() + _PATIENCE
        while time.time() < deadline:
            if time.time() - touched >= _TOUCH_EVERY:
                touched = time.time()
                self._shop.touch()
            newest = self._shop.newest()
            fresh = newest and all(moment > began for moment in newest.values())
            if fresh and wanted <= {task["task_id"] for task in self._tasks("running")}:
                return
            time.sleep(2.0)
        raise LocalError(f"{_PATIENCE:.0f} 秒内没有等到所有实时模块正常流动（看 make status）")

    def until_asleep(self) -> None:
        self._shop.frozen(True)
        watches = {f"watch_{module}" for module in self._shop.modules}
        deadline = time.time() + _PATIENCE
        while not watches <= {task["task_id"] for task in self._tasks("deferred")}:
            if time.time() > deadline:
                raise LocalError("店铺冻结后，实时模块没有回到等待变更")
            time.sleep(1.0)

    def _tasks(self, state: str) -> list[dict[str, Any]]:
        try:
            return list(self._airflow.task_instances(state=state))
        except httpx.HTTPError:
            return []

    def need_a_hand(self, since: str) -> tuple[list[dict[str, Any]], list[str]]:
        """Failed runs; and what did not come right by itself: DAGs whose last run failed, tasks without a process."""
        runs = sorted(self._airflow.dag_runs(end_date_gte=since), key=lambda run: str(run["end_date"]))
        last = {run["dag_id"]: run for run in runs}
        left = [f"{dag_id} 最后一次运行失败" for dag_id, run in last.items() if run["state"] == "failed"]
        titles = {line for _, line in task_processes(self._layout)}
        for task in self._airflow.task_instances(state="running"):
            if f"airflow worker -- {task['id']}" not in titles:
                left.append(f"{task['dag_id']}.{task['task_id']} 显示运行中，但没有进程")
        return [run for run in runs if run["state"] == "failed"], left
