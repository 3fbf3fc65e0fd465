"""An hour's outage, and how long until everything is there again: ``python -m bench.outage --what source``.

The hour is the sandbox's past (orders sold at the given rate while nothing was read), so it takes no time; catching up
is real, with the real quotas, while the shop sells on. ``source`` (or Kafka: the same, nothing was read): the newest
must be visible first. ``clickhouse``: everything was read and lies in Kafka; only loading is timed.

Starts servers of its own and removes them. Exit code 0; 1 when the tables are not equal or it took too long.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench.instruments.addresses import connect
from bench.instruments.live_servers import LiveServers
from bench.instruments.live_tables import LIVE
from jst.clock import SHANGHAI
from jst.control.load_progress import Progress, gaps
from jst.control.watermarks import Beginning
from local.instance import Instance
from local.layout import TOOLS

HOUR, YOUNGEST = 3600.0, 1800.0
"""Seconds of outage; and how far before the present the sandbox's past ends."""
PATIENCE = 5400.0
TABLES = {"sale_out": "dws.dws_sale_out", "inventory": "dws.dws_inventory", "after_sale": "dws.dws_after_sale"}


class CatchUp:
    def __init__(self, live: LiveServers, began: float) -> None:
        self._live, self._began = live, began
        self._warehouse = connect(live.address)
        self.fresh: dict[str, float] = {}
        self.whole: dict[str, float] = {}
        self.estimates: dict[str, list[tuple[float, float]]] = {}

    def watch(self) -> None:
        """Until every module shows what is new and has worked off its gap."""
        told = time.monotonic()
        while len(self.whole) < len(LIVE) and self._since() < PATIENCE:
            time.sleep(1)
            self._look()
            if time.monotonic() - told >= 30:
                told = time.monotonic()
                for progress in gaps(self._live.database):
                    self._estimate(progress)
                    print(f"  {self._since():.0f} 秒：{progress}", flush=True)

    def _since(self) -> float:
        return time.time() - self._began

    def _look(self) -> None:
        for module in LIVE:
            if module not in self.fresh:
                ((newest,),) = self._warehouse.execute(f"SELECT toUnixTimestamp(max(modified)) FROM {TABLES[module]}")
                if newest and newest >= self._began - 5:
                    self._tell(self.fresh, module, "显示了最新的变更")
            marks = dict(self._live.database.rows("SELECT kind, value FROM watermark WHERE module = %(m)s", m=module))
            if module not in self.whole and marks["complete"].timestamp() >= self._began:
                self._tell(self.whole, module, "补完，完整水位已过恢复的时刻")

    def _tell(self, found: dict[str, float], module: str, what: str) -> None:
        found[module] = self._since()
        print(f"  {module}：恢复后 {found[module]:.0f} 秒{what}", flush=True)

    def _estimate(self, progress: Progress) -> None:
        if progress.left is not None and not progress.done:
            self.estimates.setdefault(progress.module, []).append((self._since(), progress.left))

    def estimates_and_outcomes(self) -> list[str]:
        """Compare each estimate that was made when some of the gap was done with the time it really needed."""
        lines = []
        for module, made in self.estimates.items():
            if module in self.whole:
                right = [
                    f"{at:.0f} 秒时说还需 {left:.0f} 秒，实际 {self.whole[module] - at:.0f} 秒" for at, left in made[:8]
                ]
                lines.append(f"{module} 的预计：" + "；".join(right))
        return lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bench.outage", description="中断一小时之后，多久追平")
    parser.add_argument("--what", default="source", choices=("source", "clickhouse"), help="哪一边中断")
    parser.add_argument("--dialect", default="gateway", choices=("gateway", "openapi"))
    parser.add_argument("--orders-per-hour", type=int, default=50_000, metavar="单数")
    parser.add_argument("--limit", type=float, default=600.0, metavar="秒", help="最多多久追平，默认 600")
    options = parser.parse_args(arguments)
    servers, logs = Instance(TOOLS / "bench" / str(os.getpid())), TOOLS / "bench" / "outage"
    shutil.rmtree(logs, ignore_errors=True)
    try:
        return _measure(servers, options, logs)
    finally:
        servers.close()


def _measure(servers: Instance, options: argparse.Namespace, logs: Path) -> int:
    days = (HOUR + YOUNGEST) / 86_400
    past = (
        "--history-days",
        f"{days:.6f}",
        "--history-per-hour",
        str(options.orders_per_hour * HOUR / (HOUR + YOUNGEST)),
    )
    shop = ("--skus", "3000", "--orders-per-hour", str(options.orders_per_hour))
    live = LiveServers(servers, options.dialect, logs, *shop, *past)
    try:
        _begin(live)
        if options.what == "clickhouse":
            _read_all(live)
        print(f"恢复：{options.dialect}，每小时 {options.orders_per_hour:,} 单", flush=True)
        catch_up = CatchUp(live, time.time())
        if options.what == "source":
            live.start("feed")
        live.start("load")
        catch_up.watch()
        print("\n".join(catch_up.estimates_and_outcomes()))
        found = live.compare()
    finally:
        live.close()
    for findings in found:
        print(f"{findings.table}：比较 {findings.records:,} 条，差异 {len(findings.first)}")
    in_time = len(catch_up.whole) == len(LIVE) and max(catch_up.whole.values()) <= options.limit
    return 0 if in_time and not any(findings.first for findings in found) else 1


def _begin(live: LiveServers) -> None:
    """Begin feeds that read up to the moment the outage began."""
    at = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(seconds=HOUR + YOUNGEST + 60)
    for module in LIVE:
        live.plans.watermarks.start_live(module, Beginning(at, at, 1 if live.dialect == "openapi" else None))


def _read_all(live: LiveServers) -> None:
    """ClickHouse is away: pulling goes on until all of the hour lies in Kafka."""
    live.start("feed")

    def all_pulled() -> bool:
        ((passed_over, left),) = live.database.rows(
            "SELECT count(DISTINCT module), count(*) FILTER (WHERE state = 'planned') FROM plan WHERE origin = 'gap'"
        )
        return passed_over == len(LIVE) and not left

    print(f"读完一小时的变更用了 {live.until(all_pulled, PATIENCE):.0f} 秒", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
