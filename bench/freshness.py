"""How fresh the wide table is while the shop lives, and what that costs: ``python -m bench.freshness --minutes 5``.

Needs a stack started by ``make up``; reads only. Exit code 0; 1 when a change older than 60 s was never seen; 2 when
nothing could be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.figures import Figures, Process
from bench.parties import Parties
from bench.processes import Meter
from bench.sightings import Sightings, percentile, share_above
from local import report
from local.layout import Layout, LocalError
from local.stack import current_layout
from local.state import State, is_alive

SHANGHAI = timezone(timedelta(hours=8))
LOOK_EVERY, TELL_EVERY = 0.5, 30.0
LOOK_BACK = 180
MUST_BE_SEEN_AFTER = 60
OWN, SUPERVISOR = "本测量 bench", "监管进程"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        layout = _running_layout()
        with closing(Parties(report.environment(layout, sandbox=True))) as parties:
            figures = Measurement(layout, parties).run(options.minutes * 60)
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
    return 1 if figures.never_seen else 0


class Measurement:
    """One period of looking."""

    def __init__(self, layout: Layout, parties: Parties) -> None:
        self._layout, self._parties, self._meter = layout, parties, Meter()
        self._failed = 0

    def run(self, seconds: float) -> Figures:
        """Raises httpx errors when sandbox or Airflow are away; a look ClickHouse does not answer is only counted."""
        before = self._parties.stats()
        if before["frozen"]:
            raise LocalError("沙箱店铺已冻结，没有变更可测：先恢复营业（POST /sandbox/thaw）")
        self._measure_processes()
        began = time.time()
        sightings = Sightings(begin=int(began) + 1)
        self._watch(sightings, began, seconds)
        ended = time.time()
        self._measure_processes()
        after, since = self._parties.stats(), datetime.fromtimestamp(sightings.begin, SHANGHAI)
        never = sightings.never_seen(self._parties.truth(since), int(ended) - MUST_BE_SEEN_AFTER)
        runs, tasks = self._parties.airflow(since)
        return self._figures(sightings, ended - began, before, after, never, runs, tasks)

    def _watch(self, sightings: Sightings, began: float, seconds: float) -> None:
        told = began
        while (now := time.time()) - began < seconds:
            self._look(sightings, int(now) - LOOK_BACK)
            if now - told >= TELL_EVERY:
                told = now
                self._measure_processes()
                print(_progress(now - began, sightings.ages), flush=True)
            # an even step would keep pace with the whole seconds of modified, and ages would come in steps too
            time.sleep(max(0.0, LOOK_EVERY * random.uniform(0.7, 1.3) - (time.time() - now)))

    def _look(self, sightings: Sightings, since: int) -> None:
        try:
            lines = self._parties.visible(since)
        except httpx.HTTPError:
            self._failed += 1
        else:
            sightings.look(lines, time.time())

    def _measure_processes(self) -> None:
        """Process ids are asked for anew: the supervisor may have restarted something."""
        state = State.read(self._layout)
        if state is None or not is_alive(self._layout):
            raise LocalError("测量时全部进程已停止")
        roots = {name: process.pid for name, process in state.processes.items() if process.pid}
        guard = psutil.Process(state.supervisor).ppid()
        self._meter.look(roots, {SUPERVISOR: state.supervisor, f"{SUPERVISOR}（守护）": guard, OWN: os.getpid()})

    def _figures(
        self,
        sightings: Sightings,
        seconds: float,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        never: list[str],
        runs: Mapping[str, int],
        tasks: Mapping[str, int],
    ) -> Figures:
        ages, minutes = sightings.ages, seconds / 60
        return Figures(
            seconds=seconds,
            orders_per_hour=(after["orders"] - before["orders"]) / minutes * 60,
            versions_seen=len(ages),
            source_changes=after["changes"] - before["changes"],
            never_seen=never,
            p50=percentile(ages, 0.50),
            p95=percentile(ages, 0.95),
            p99=percentile(ages, 0.99),
            longest=max(ages, default=float("nan")),
            above_5=share_above(ages, 5),
            above_60=share_above(ages, 60),
            requests_per_second=(_answers(after) - _answers(before)) / seconds,
            refused=after["refused"] - before["refused"],
            looks_failed=self._failed,
            processes={
                name: Process(round(usage.cpu / minutes, 3), round(usage.pss / 1024**2, 1))
                for name, usage in self._meter.usage.items()
            },
            runs=dict(runs),
            tasks=dict(tasks),
        )


def _progress(seconds: float, ages: Sequence[float]) -> str:
    p50, p95 = percentile(ages, 0.5), percentile(ages, 0.95)
    return f"  … {seconds:.0f} 秒：看见 {len(ages):,} 个版本，p50 {p50:.1f} 秒，p95 {p95:.1f} 秒"


def _answers(stats: Mapping[str, Any]) -> int:
    return sum(count for counts in stats["requests"].values() for count in counts.values())


def _running_layout() -> Layout:
    layout = current_layout()
    state = State.read(layout) if is_alive(layout) else None
    if state is None or state.phase != "running":
        raise LocalError("没有在运行：先运行 make up")
    if not state.sandbox:
        raise LocalError("源端不是沙箱 ERP，没有真值与变更计数可用")
    return layout


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.freshness", description="测量运行中的宽表有多新鲜，以及花费多少")
    parser.add_argument("--minutes", type=float, default=5.0, metavar="分钟", help="测量多久，默认 5")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
