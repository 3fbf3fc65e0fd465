"""A backup under load, everything destroyed, restored onto a new Kafka: ``make backup-drill``.

Full, then one that adds to it, then a while without any; then kill -9 of PostgreSQL, Kafka, ClickHouse and all workers,
and their disks are deleted. The shop sells on all the time. What is restored has to catch up and equal the source, row
by row.

Starts servers of its own and removes them. Exit code 0; 1 when the tables are not equal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench.instruments.addresses import connect
from bench.instruments.live_servers import LiveServers
from bench.instruments.live_tables import LIVE
from jst.clock import SHANGHAI
from jst.control.watermarks import Beginning
from jst.kafka.topics import create_topics
from local.instance import Instance
from local.layout import TOOLS
from local.services import backups

PAST, PATIENCE = 600.0, 1800.0
"""Seconds the shop has sold before the feeds begin; and how long they may take to come up."""
DISKS = ("postgres", "kafka", "clickhouse")


class Drill:
    """``seconds``: what each part of it took, for the report."""

    def __init__(self, servers: Instance, live: LiveServers) -> None:
        self._servers, self._live = servers, live
        self.seconds: dict[str, float] = {}

    def run_on(self, seconds: float) -> None:
        """Let the feeds run until they have come up to the shop, and ``seconds`` longer."""
        self._live.start("feed")
        self._live.start("load")
        self._live.until(self._is_up, PATIENCE)
        time.sleep(seconds)

    def command(self, title: str, *arguments: str) -> None:
        """Run a command of the package, and time it."""
        began = time.monotonic()
        environment = {**os.environ, **backups.environment(self._servers.layout)}
        subprocess.run(backups.command(*arguments), env=environment, check=True)
        self._tell(title, time.monotonic() - began)

    def destroy(self) -> None:
        """End every process and delete what it kept."""
        for role in ("feed", "load"):
            self._live.kill(role)
        self._live.database.close()
        for name in DISKS:
            self._servers.kill(name)
            shutil.rmtree(self._servers.layout.data / name)
        for name in DISKS:
            self._servers.start(name)

    def catch_up(self) -> None:
        """Go on where the backup ended, and time how long it takes until the shop is reached."""
        began = time.monotonic()
        create_topics(self._live.address.kafka)
        self.run_on(0)
        self._tell("追上源端", time.monotonic() - began)

    def rows(self) -> int:
        warehouse = connect(self._live.address)
        ((rows,),) = warehouse.execute("SELECT sum(rows) FROM system.parts WHERE active AND database IN ('dwd', 'dws')")
        warehouse.disconnect()
        return int(rows)

    def _tell(self, title: str, seconds: float) -> None:
        self.seconds[title] = seconds
        print(f"  {title}：{seconds:.0f} 秒（{seconds / 60:.1f} 分钟）", flush=True)

    def _is_up(self) -> bool:
        """Say whether everything up to a minute ago is proven, in every module."""
        rows = self._live.database.rows(
            "SELECT count(*) FROM watermark WHERE kind = 'complete' AND value > clock_timestamp() - interval '1 minute'"
        )
        return rows == [(len(LIVE),)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bench.backup", description="负载下备份，全部毁掉，恢复到新的 Kafka，逐行比较")
    parser.add_argument("--dialect", default="gateway", choices=("gateway", "openapi"))
    parser.add_argument("--orders-per-hour", type=int, default=50_000, metavar="单数")
    parser.add_argument("--between", type=float, default=60.0, metavar="秒", help="两次备份之间，和毁掉之前")
    options = parser.parse_args(arguments)
    servers, logs = Instance(TOOLS / "bench" / str(os.getpid())), TOOLS / "bench" / "backup"
    shutil.rmtree(logs, ignore_errors=True)
    try:
        return _drill(servers, options, logs)
    finally:
        servers.close()


def _drill(servers: Instance, options: argparse.Namespace, logs: Path) -> int:
    speed = str(options.orders_per_hour)
    shop = ("--skus", "3000", "--orders-per-hour", speed, "--history-days", f"{PAST / 86_400:.6f}")
    live = LiveServers(servers, options.dialect, logs, *shop, "--history-per-hour", speed)
    try:
        at = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(seconds=PAST + 60)
        for module in LIVE:
            live.plans.watermarks.start_live(module, Beginning(at, at, 1 if live.dialect == "openapi" else None))
        drill = Drill(servers, live)
        print(f"{options.dialect}，每小时 {options.orders_per_hour:,} 单", flush=True)
        drill.run_on(options.between)
        drill.command("完整备份", "save")
        time.sleep(options.between)
        drill.command("增量备份", "save")
        time.sleep(options.between)
        print(f"  毁掉 {drill.rows():,} 行", flush=True)
        drill.destroy()
        drill.command("恢复", "restore")
        drill.catch_up()
        found = live.compare()
    finally:
        live.close()
    for findings in found:
        print(f"{findings.table}：比较 {findings.records:,} 条，差异 {sum(findings.kinds.values())}")
    return 0 if all(findings.clean for findings in found) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
