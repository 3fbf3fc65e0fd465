"""Kill the first process of one container after the other, and time until data flow again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg2

from bench.compose.cluster_view import LIVE, ClusterView
from local.layout import LocalError

FLOWS_SECONDS = 20.0
"""A feed flows when it is complete up to so many seconds ago."""
PATIENCE_SECONDS = 300.0
LIMIT_SECONDS = 60.0
WATCH_SECONDS, STEADY_SECONDS = 65.0, 10.0
SERVICES = (
    "scheduler", "worker", "triggerer", "api-server", "dag-processor", "redis", "kafka", "clickhouse", "haproxy",
    "node-follower", "postgres",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClusterKill:
    """``back``: seconds until the engine had the container running again; ``worst``: seconds a live feed was behind at
    worst; ``flows``: seconds after the kill until all were complete again, None: never."""

    service: str
    back: float | None
    worst: float
    flows: float | None
    failed: tuple[str, ...]

    @property
    def good(self) -> bool:
        return self.back is not None and self.flows is not None

    def line(self) -> str:
        back = "—" if self.back is None else f"{self.back:.0f} 秒"
        flows = "没有恢复" if self.flows is None else f"{self.flows:.0f} 秒"
        slow = "（超过 60 秒）" if self.flows is not None and self.flows > LIMIT_SECONDS else ""
        return f"| {self.service} | {back} | {self.worst:.0f} 秒 | {flows}{slow} | {'、'.join(self.failed) or '无'} |"


def kill_one(view: ClusterView, service: str) -> ClusterKill:
    """Kill one container of a kind while everything flows, the one with most of the live feeds' tasks. Raises
    LocalError when it does not flow before."""
    view.wait(f"{service} 之前数据流动", PATIENCE_SECONDS, lambda: flowing(view))
    name = view.serving() if service == "clickhouse" else {"kafka": "kafka1"}.get(service, service)
    victim = max(view.of_service(name), key=view.live_tasks)
    killed = time.time()
    view.kill(victim)
    print(f"  … kill -9 {victim['Name']}", flush=True)
    back: float | None = None
    worst, last_bad = 0.0, killed
    while time.time() - killed < PATIENCE_SECONDS:
        now = time.time()
        if back is None and _is_back(view, name, victim):
            back = time.time() - killed
        ages = _ages(view)
        worst = max([worst, *ages.values()])
        if not ages or max(ages.values()) > FLOWS_SECONDS:
            last_bad = now
        # a lost heartbeat is missed after 40 s only: what flows before that may still stop
        if back is not None and now - killed > WATCH_SECONDS and now - last_bad > STEADY_SECONDS:
            break
        time.sleep(1.0)
    flows = None if time.time() - last_bad < 5 else last_bad - killed
    return ClusterKill(service, back, worst, flows, tuple(view.failed(killed)))


def flowing(view: ClusterView) -> bool:
    """Whether every live feed is complete up to a moment ago."""
    ages = _ages(view)
    return len(ages) == len(LIVE) and max(ages.values()) < FLOWS_SECONDS


def _ages(view: ClusterView) -> dict[str, float]:
    try:
        return view.ages()
    except (psycopg2.Error, LocalError):
        return {}


def _is_back(view: ClusterView, name: str, victim: dict[str, Any]) -> bool:
    return any(
        each["Name"] == victim["Name"] and each["State"]["StartedAt"] != victim["State"]["StartedAt"]
        for each in view.of_service(name)
    )
