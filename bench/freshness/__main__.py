"""``python -m bench.freshness --minutes 5``; ``--idle``: what the stack costs while the shop stands still.

Reads only. Exit code 0; 1 when a change older than 60 s was never seen; 2 when
nothing could be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.freshness.endpoints import Activity, Endpoints
from bench.freshness.figures import OWN, FeedAges, Figures, ProcessUse
from bench.freshness.sightings import Sightings
from bench.instruments.live_tables import live_feeds, look_sql
from bench.instruments.percentile import percentile
from bench.instruments.process_cost import Meter
from bench.instruments.running_stack import busy_stack, running_layout
from jst.clock import SHANGHAI
from local import report
from local.layout import Layout, LocalError
from local.supervise.state import State, is_alive

LOOK_EVERY, TELL_EVERY = 0.5, 30.0
LOOK_BACK, LOOK_FAR_BACK, FAR_EVERY = 40, 300, 20
"""Seconds; most looks go back a little, every twentieth far: what was late is seen then, and what is old forgotten."""
MUST_BE_SEEN_AFTER = 60
SUPERVISOR = "监管进程"
_WHY = "没有真值与变更计数可用"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        stack = nullcontext(running_layout(_WHY)) if options.idle else busy_stack(_WHY)
        with stack as layout, closing(Endpoints(report.environment(layout, sandbox=True))) as endpoints:
            measurement = Measurement(layout, endpoints)
            figures = (measurement.idle if options.idle else measurement.run)(options.minutes * 60)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 2
    except httpx.HTTPError as problem:
        print(f"✗ 测量中断：{problem}（看 make status）", file=sys.stderr)
        return 2
    for line in figures.lines():
        print(line)
    if options.json:
        options.json.write_text(json.dumps(figures.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if figures.complete else 1


class Measurement:
    """One period of looking."""

    def __init__(self, layout: Layout, endpoints: Endpoints) -> None:
        self._layout, self._endpoints, self._meter = layout, endpoints, Meter()
        self._feeds, self._failed = live_feeds(), 0
        self._sql = look_sql(self._feeds)

    def run(self, seconds: float) -> Figures:
        """Measure for so many seconds. Raises httpx errors when sandbox or Airflow are away; a look ClickHouse does not
        answer is only counted."""
        before = self._endpoints.stats()
        if before["frozen"]:
            raise LocalError("沙箱店铺已冻结，没有变更可测：先恢复营业（POST /sandbox/thaw），或用 --idle 只测进程")
        sightings = Sightings(begin=int(time.time()) + 1)
        seconds = self._period(seconds, sightings)
        since = datetime.fromtimestamp(sightings.begin, SHANGHAI)
        activity, oldest = self._endpoints.airflow(since), sightings.begin + int(seconds) - MUST_BE_SEEN_AFTER
        feeds = {
            feed.module: FeedAges.of(
                sightings.ages[feed.module],
                sightings.never_seen(feed.module, self._endpoints.truth(feed, since), oldest),
                activity.begun[f"jst_{feed.module}"],
                seconds,
            )
            for feed in self._feeds
        }
        return self._figures(seconds, before, activity, feeds)

    def idle(self, seconds: float) -> Figures:
        """Only processes and requests. Raises LocalError while the shop lives."""
        before, since = self._endpoints.stats(), datetime.now(SHANGHAI)
        if not before["frozen"] and before["orders_per_hour"]:
            raise LocalError("店铺还在营业，测不出空闲：先冻结（POST /sandbox/freeze，或 make verify ARGS=--freeze）")
        seconds = self._period(seconds, None)
        return self._figures(seconds, before, self._endpoints.airflow(since), {})

    def _period(self, seconds: float, sightings: Sightings | None) -> float:
        """Measure for ``seconds``, looking at the tables where there are ``sightings``; returns the real seconds."""
        self._measure_processes()
        began = told = time.time()
        looks = 0
        while (now := time.time()) - began < seconds:
            if sightings:
                self._look(sightings, int(now), far=looks % FAR_EVERY == 0)
            if now - told >= TELL_EVERY:
                told = now
                self._measure_processes()
                print(_progress(now - began, sightings), flush=True)
            looks += 1
            # an even step would keep pace with the whole seconds of modified, and ages would come in steps too
            time.sleep(max(0.0, LOOK_EVERY * random.uniform(0.7, 1.3) - (time.time() - now)))
        self._measure_processes()
        return time.time() - began

    def _look(self, sightings: Sightings, now: int, *, far: bool) -> None:
        try:
            lines = self._endpoints.look(self._sql, now - (LOOK_FAR_BACK if far else LOOK_BACK))
        except httpx.HTTPError:
            self._failed += 1
        else:
            sightings.look(lines, time.time(), forget=far)

    def _measure_processes(self) -> None:
        """Look the process ids up again: the supervisor may have restarted something."""
        state = State.read(self._layout)
        if state is None or not is_alive(self._layout):
            raise LocalError("测量时全部进程已停止")
        roots = {name: process.pid for name, process in state.processes.items() if process.pid}
        guard = psutil.Process(state.supervisor).ppid()
        self._meter.look(roots, {SUPERVISOR: state.supervisor, f"{SUPERVISOR}（守护）": guard, OWN: os.getpid()})

    def _figures(
        self, seconds: float, before: Mapping[str, Any], activity: Activity, feeds: dict[str, FeedAges]
    ) -> Figures:
        after, minutes = self._endpoints.stats(), seconds / 60
        processes = {
            name: ProcessUse(round(usage.cpu / minutes, 3), round(usage.pss / 1024**2, 1))
            for name, usage in self._meter.usage.items()
        }
        return Figures(
            seconds=seconds,
            orders_per_hour=(after["orders"] - before["orders"]) / minutes * 60,
            source_changes=after["changes"] - before["changes"],
            requests=_answers(after) - _answers(before),
            refused=after["refused"] - before["refused"],
            processes=processes,
            runs=dict(activity.runs),
            tasks=dict(activity.tasks),
            feeds=feeds,
            looks_failed=self._failed,
        )


def _progress(seconds: float, sightings: Sightings | None) -> str:
    ages = sightings.ages if sightings else {}
    shown = "；".join(
        f"{module} {len(seen):,} 个版本，p50 {percentile(seen, 0.5):.1f} 秒，p95 {percentile(seen, 0.95):.1f} 秒"
        for module, seen in sorted(ages.items())
    )
    return f"  … {seconds:.0f} 秒" + (f"：{shown}" if shown else "")


def _answers(stats: Mapping[str, Any]) -> int:
    return sum(count for counts in stats["requests"].values() for count in counts.values())


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.freshness", description="测量运行中的宽表有多新鲜，以及花费多少")
    parser.add_argument("--minutes", type=float, default=5.0, metavar="分钟", help="测量多久，默认 5")
    parser.add_argument("--idle", action="store_true", help="店铺静止时只测进程与请求，不看宽表")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
