"""Commits up to an hour late, and how long after they have become visible the warehouse has them:
``python -m bench.late``. For a quarter of an hour one change in a hundred commits 1 to 60 minutes after its
``modified``; live passes them all, and rounds of jst_reconcile bring them in. Takes two hours, in real time.

Starts servers of its own and removes them. Exit code 0; 1 when one was not brought in or the tables are not equal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import time
from collections import defaultdict
from pathlib import Path

from bench.instruments.addresses import connect
from bench.instruments.live_servers import LiveServers
from bench.instruments.live_tables import live_feeds
from bench.instruments.percentile import percentile
from local.instance import Instance
from local.layout import TOOLS

SHARE, EARLIEST = 0.01, 60.0
TWO_ROUNDS, AN_HOUR_OLD, TELL_EVERY = 630.0, 4500.0, 300.0
Commit = tuple[str, str, str]
"""Module, key, modified."""


class LateCommits:
    """``waiting``: late commits the warehouse has not, with the Unix time they become visible; ``took``: seconds from
    then until it had them, or a newer change of the same record."""

    def __init__(self, live: LiveServers) -> None:
        self._shop = sqlite3.connect(f"file:{live.servers.layout.home / 'erp' / 'shop.sqlite'}?mode=ro", uri=True)
        self._warehouse, self._feeds = connect(live.address), {feed.module: feed for feed in live_feeds()}
        self.waiting: dict[Commit, float] = {}
        self.took: dict[str, list[float]] = defaultdict(list)

    def look(self) -> None:
        rows = self._shop.execute("SELECT module, key, modified, visible FROM late").fetchall()
        late = {(module, key, modified): visible for module, key, modified, visible in rows if module in self._feeds}
        now = time.time()
        # a newer change of the record has brought it along before its time: live reads that one
        overtaken = [each for each, visible in self.waiting.items() if each not in late and visible > now]
        self.waiting = {each: visible for each, visible in (self.waiting | late).items() if each not in overtaken}
        for module in self._feeds:
            self._seen(module, now)

    def _seen(self, module: str, now: float) -> None:
        due = [each for each, visible in self.waiting.items() if each[0] == module and visible <= now]
        feed = self._feeds[module]
        held = dict(
            self._warehouse.execute(
                f"SELECT {feed.key[0]}, toString(max(modified)) FROM {feed.table} WHERE {feed.key[0]} IN %(keys)s"
                " GROUP BY 1",
                {"keys": [key for _, key, _ in due] or [""]},
            )
        )
        for each in due:
            if held.get(each[1], "") >= each[2]:
                self.took[module].append(now - self.waiting.pop(each))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bench.late", description="最多迟到一小时的提交，多久后补进仓库（约两小时）")
    parser.add_argument("--dialect", default="gateway", choices=("gateway", "openapi"))
    parser.add_argument("--orders-per-hour", type=int, default=5_000, metavar="单数")
    parser.add_argument("--minutes", type=float, default=15.0, metavar="分钟", help="多久之内的变更会迟到，默认 15")
    parser.add_argument("--windows-only", action="store_true", help="源端不按主键回答")
    parser.add_argument("--latest", type=float, default=60.0, metavar="分钟", help="最多迟到多久，默认 60")
    options = parser.parse_args(arguments)
    servers, logs = Instance(TOOLS / "bench" / str(os.getpid())), TOOLS / "bench" / f"late-{options.dialect}"
    shutil.rmtree(logs, ignore_errors=True)
    try:
        return _measure(servers, options, logs)
    finally:
        servers.close()


def _measure(servers: Instance, options: argparse.Namespace, logs: Path) -> int:
    shop = ("--skus", "1000", "--orders-per-hour", str(options.orders_per_hour))
    live = LiveServers(servers, options.dialect, logs, *shop)
    try:
        for role in ("feed", "load", "reconcile"):
            live.start(role)
        commits = LateCommits(live)
        _run(live, commits, options)
        found = live.compare()
    finally:
        live.close()
    for module, took in sorted(commits.took.items()):
        p50, p95 = (percentile(took, share) for share in (0.5, 0.95))
        seconds = f"p50 {p50:.0f} 秒，p95 {p95:.0f} 秒，最长 {max(took):.0f} 秒"
        print(f"{module}：{len(took)} 个迟到的提交补进，可见后 {seconds}")
    for module, key, modified in commits.waiting:
        print(f"✗ 没有补进：{module} {key} {modified}")
    for findings in found:
        print(f"{findings.table}：比较 {findings.records:,} 条，差异 {len(findings.first)}")
        print("".join(f"  {difference}\n" for difference in findings.first), end="")
    return 0 if commits.took and not commits.waiting and not any(findings.first for findings in found) else 1


def _run(live: LiveServers, commits: LateCommits, options: argparse.Namespace) -> None:
    """Until all late commits are there, or have been visible for more than an hour."""
    standing: dict[str, object] = {"keys_refused": {}} if options.windows_only else {}
    live.send("faults", standing, verb="PUT")
    time.sleep(TWO_ROUNDS)  # what was read before the first one is not compared along the cursor
    lag = {"share": SHARE, "seconds": EARLIEST, "spread": options.latest * 60 - EARLIEST}
    live.send("faults", standing | {"commit_lag": lag}, verb="PUT")
    began = told = time.monotonic()
    late, last = True, 0.0
    while late or (commits.waiting and time.time() < last + AN_HOUR_OLD):
        time.sleep(3)
        commits.look()
        last = max([last, *commits.waiting.values()])
        if late and time.monotonic() - began > options.minutes * 60:
            late = False
            live.send("faults", standing, verb="PUT")
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            brought = {module: len(took) for module, took in commits.took.items()}
            print(f"{(told - began) / 60:.0f} 分钟：还没有补进 {len(commits.waiting)}，已补进 {brought}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
