"""A storm of refusals in real time: ``python -m bench.storm``. Five minutes of refusals only, ten minutes of 30 %,
then peace until every module is live again; the requests of every minute are printed, and all tables are compared.

Starts servers of its own and removes them. Exit code 0; 1 when something is not equal, not degraded within five minutes
or not back.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from bench.instruments.live_servers import LiveServers
from bench.instruments.live_tables import LIVE
from local.instance import Instance
from local.layout import TOOLS

CALM, STORM, HALF, BACK = 60.0, 300.0, 600.0, 1500.0
"""Seconds: before, of nothing but refusals, of 30 %, and at most until all are back."""


class StormDrill:
    def __init__(self, live: LiveServers) -> None:
        self._live, self._before = live, dict[str, int]()
        self.degraded: dict[str, float] = {}
        self.storm_began = 0.0

    def stage(self, title: str, seconds: float, faults: dict[str, object], *, until_live: bool = False) -> bool:
        """Print a line a minute; ``until_live``: over as soon as no module is degraded. Returns whether that was
        seen."""
        self._live.send("faults", faults, verb="PUT")
        began = time.monotonic()
        self._count()
        for minute in range(1, round(seconds / 60) + 1):
            while time.monotonic() - began < minute * 60:
                self._look()
                time.sleep(1)
            answers = self._count()
            standing = self._standing()
            print(
                f"{title} 第 {minute} 分钟：应答 {answers['answered']}，被拒 {answers['refused']}；"
                f"降级中 {'、'.join(f'{name}（{clean}/3）' for name, clean in standing.items()) or '无'}",
                flush=True,
            )
            if until_live and not standing:
                return True
        return not self._standing()

    def _look(self) -> None:
        for module in self._standing():
            self.degraded.setdefault(module, time.monotonic())

    def _standing(self) -> dict[str, int]:
        return dict(self._live.database.rows("SELECT module, clean FROM degradation WHERE until IS NULL"))

    def _count(self) -> dict[str, int]:
        stats = self._live.get("stats")
        answered = sum(codes.get("0", 0) for codes in stats["codes"].values())
        now = {"answered": answered, "refused": stats["refused"]}
        found = {name: count - self._before.get(name, 0) for name, count in now.items()}
        self._before = now
        return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.storm", description="限流风暴：5 分钟全部被拒，10 分钟三成被拒，再看恢复（约半小时）"
    )
    parser.add_argument("--dialect", default="gateway", choices=("gateway", "openapi"))
    parser.add_argument("--orders-per-hour", type=int, default=20_000, metavar="单数")
    options = parser.parse_args(arguments)
    servers, logs = Instance(TOOLS / "bench" / str(os.getpid())), TOOLS / "bench" / "storm"
    shutil.rmtree(logs, ignore_errors=True)
    try:
        return _drill(servers, options.dialect, options.orders_per_hour, logs)
    finally:
        servers.close()


def _drill(servers: Instance, dialect: str, per_hour: int, logs: Path) -> int:
    live = LiveServers(servers, dialect, logs, "--skus", "3000", "--orders-per-hour", str(per_hour))
    try:
        live.start("feed")
        live.start("load")
        drill = StormDrill(live)
        drill.stage("平静", CALM, {})
        began = time.monotonic()
        drill.stage("全部被拒", STORM, {"storm_429": {}})
        for module in LIVE:
            after = drill.degraded.get(module)
            print(f"  {module}：{'没有降级' if after is None else f'{after - began:.0f} 秒后降级'}")
        drill.stage("三成被拒", HALF, {"storm_429": {"rate": 0.3}})
        began = time.monotonic()
        back = drill.stage("恢复", BACK, {}, until_live=True)
        print(f"{'全部恢复实时' if back else '没有全部恢复'}：风暴结束后 {time.monotonic() - began:.0f} 秒")
        found = live.compare()
    finally:
        live.close()
    for findings in found:
        print(f"{findings.table}：比较 {findings.records:,} 条，差异 {len(findings.first)}")
    equal = not any(findings.first for findings in found)
    return 0 if equal and back and len(drill.degraded) == len(LIVE) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
