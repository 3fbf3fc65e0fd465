"""How much of a quota four processes that share one budget really use, what is refused, and how long live waits beside
them: ``python -m bench.quota --minutes 5``.

Starts a PostgreSQL and two sandboxes with their real quotas (one per dialect), and removes them. The sandbox counts.
Exit code 0; 1 when a figure misses its aim.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.instruments.percentile import percentile
from bench.instruments.sandbox_process import KEY, SECRET, running, sandbox, url_of
from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from local.instance import Instance, free_ports
from local.layout import TOOLS

GREEDY, PAGES = 4, 20
PER_SECOND = {"gateway": 15.0, "openapi": 100 / 60}
AIM = {"gateway": 0.90, "openapi": 0.95}
LIVE_PAUSE = {"gateway": 1.0, "openapi": 5.0}
MOST_REFUSED = 0.005


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One dialect; ``used``: share of the contract, as the sandbox counts; waits in seconds."""

    dialect: str
    answered: int
    refused: int
    used: float
    live_requests: int
    live_p50: float
    live_p95: float
    live_longest: float
    by_process: list[str]

    @property
    def good(self) -> bool:
        return self.used >= AIM[self.dialect] and self.refused <= MOST_REFUSED * (self.answered + self.refused)

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.dialect}：用了合同额度的 {self.used:.1%}（目标 ≥ {AIM[self.dialect]:.0%}），"
            f"应答 {self.answered}，被拒 {self.refused}；"
            f"旁边的实时请求 {self.live_requests} 次，等待 p50 {self.live_p50:.2f} 秒，p95 {self.live_p95:.2f} 秒，"
            f"最长 {self.live_longest:.2f} 秒"
        )
        yield from (f"  {line}" for line in self.by_process)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.quota", description="四个进程共用一个额度：用了多少，被拒多少，旁边的实时等多久"
    )
    parser.add_argument("--minutes", type=float, default=5.0, metavar="分钟", help="量多久，默认 5")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    options = parser.parse_args(arguments)
    servers = Instance(TOOLS / "bench" / str(os.getpid()))
    try:
        dsn = servers.postgres()
        with Database(dsn) as database:
            migrate(database)
        found = _measure(servers.layout.home, dsn, options.minutes * 60)
    finally:
        servers.close()
    for outcome in found:
        print("\n".join(outcome.lines()))
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1), "utf-8")
    return 0 if all(outcome.good for outcome in found) else 1


def _measure(home: Path, dsn: str, seconds: float) -> list[QuotaUse]:
    """Both dialects at once: they share the machine and nothing else."""
    with ExitStack() as stack:
        urls = {dialect: stack.enter_context(_shop(home, dialect)) for dialect in PER_SECOND}
        running = {dialect: _askers(dsn, url, dialect, seconds) for dialect, url in urls.items()}
        told = {dialect: [_told(process) for process in processes] for dialect, processes in running.items()}
        return [_outcome(dialect, _stats(url), told[dialect], seconds) for dialect, url in urls.items()]


def _outcome(dialect: str, stats: dict[str, Any], told: list[dict[str, Any]], seconds: float) -> QuotaUse:
    codes = stats["codes"]["/open/orders/out/simple/query"]
    answered, (live, *_) = codes.get("0", 0), told
    return QuotaUse(
        dialect=dialect,
        answered=answered,
        refused=stats["refused"],
        used=answered / (PER_SECOND[dialect] * seconds),
        live_requests=len(live["waits"]),
        live_p50=percentile(live["waits"], 0.5),
        live_p95=percentile(live["waits"], 0.95),
        live_longest=max(live["waits"]),
        by_process=[each["told"] for each in told],
    )


def _askers(dsn: str, url: str, dialect: str, seconds: float) -> list[subprocess.Popen[str]]:
    """One live process and four that read the past as fast as they may."""
    tasks = [("live", LIVE_PAUSE[dialect])] + [("backfill", 0.0)] * GREEDY
    started = []
    for origin, pause in tasks:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.quota.asker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        task = {"dsn": dsn, "url": url, "key": KEY, "secret": SECRET, "dialect": dialect, "origin": origin,
                "pause": pause, "seconds": seconds, "pages": PAGES}  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
        started.append(process)
    return started


def _told(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate()
    found: dict[str, Any] = json.loads(output)
    return found


def _stats(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/sandbox/stats", trust_env=False).raise_for_status().json()
    return found


@contextmanager
def _shop(home: Path, dialect: str) -> Iterator[str]:
    """Address of a frozen sandbox with its real quotas and some pages of past orders."""
    port, past = free_ports().erp, ("--history-days", "1", "--history-per-hour", "60")
    with running(sandbox(port, home / dialect, "--dialect", dialect, "--skus", "200", *past)):
        httpx.post(f"{url_of(port)}/sandbox/freeze", trust_env=False).raise_for_status()
        yield url_of(port)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
