"""``python -m bench.kills``: every kind of process once; ``--worst-moments``: where and when a seed decides.

A process is back when the supervisor (for a task: Airflow) has another one ready; data flows when a change made at the
source after the kill shows in the wide table of every live module. Exit code 0; 1 when it took too long, something
needed a hand or the tables differ from the source; 2 when the drill could not be held.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench.chaos.points import ROUND
from bench.instruments.running_stack import busy_stack
from bench.instruments.sandbox_shop import SandboxShop
from bench.kills import worst_moments
from bench.kills.drill import LIMIT, KillDrill, KillOutcome
from bench.kills.victims import Victim, logged_in, victims
from local import report
from local.airflow_api import AirflowApi
from local.layout import Layout, LocalError

_VERDICTS = ("一致", "✗ 不一致（见上）", "✗ 没有比成（见上）")


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        with busy_stack("演练会改动源端数据，只对沙箱进行") as layout:
            good, facts = (_worst_moments if options.worst_moments else _each_once)(layout, options)
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 演练中断：{problem}", file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if good else 1


def _worst_moments(layout: Layout, options: argparse.Namespace) -> tuple[bool, Any]:
    say = partial(print, flush=True)
    result = worst_moments.run_kills(layout, options.seed, options.kills, say)
    for line in result.lines():
        say(line)
    return result.good, [asdict(result)]


def _each_once(layout: Layout, options: argparse.Namespace) -> tuple[bool, Any]:
    environment = report.environment(layout, sandbox=True)
    with closing(SandboxShop(environment)) as shop, closing(logged_in(environment)) as airflow:
        drill = KillDrill(layout, shop, airflow)
        began, outcomes = datetime.now(UTC).isoformat(), list[KillOutcome]()
        for victim in victims(layout, airflow, options.module):
            if not options.only or victim.name in options.only:
                outcomes.append(_one(drill, victim, airflow))
        verified = subprocess.run([sys.executable, "-m", "local.verify", "--freeze", "--wait", "240"]).returncode
        _, left = drill.need_a_hand(began)
        shop.frozen(False)
    for line in _table(outcomes, left, verified):
        print(line)
    facts = {"outcomes": [asdict(each) for each in outcomes], "need_a_hand": left, "verified": not verified}
    return not verified and not left and all(each.good for each in outcomes), facts


def _one(drill: KillDrill, victim: Victim, airflow: AirflowApi) -> KillOutcome:
    began = datetime.now(UTC).isoformat()
    outcome = drill.kill(victim)
    failed, _ = drill.need_a_hand(began) if outcome.good else ([], [])
    outcome.failed_runs.extend(f"{run['dag_id']} {run['dag_run_id']}" for run in failed)
    print(f"    {', '.join(f'{module} {_seconds(flow)}' for module, flow in outcome.flows.items())}", flush=True)
    print(f"  {_line(outcome)}", flush=True)
    return outcome


def _table(outcomes: list[KillOutcome], left: list[str], verified: int) -> Iterator[str]:
    yield ""
    yield _row(["  kill -9", "进程恢复 秒", "数据恢复 秒", "相差 秒", "失败运行"])
    yield from (_line(outcome) for outcome in outcomes)
    yield f"目标：进程恢复后 {LIMIT:.0f} 秒内所有实时模块恢复流动"
    yield "需要人工处理：" + ("；".join(left) or "无")
    yield f"冻结后与源端逐行比较：{_VERDICTS[verified]}"


def _line(outcome: KillOutcome) -> str:
    seconds = [_seconds(each) for each in (outcome.back, outcome.all_flow, outcome.after)]
    return _row([f"{'✓' if outcome.good else '✗'} {outcome.title}", *seconds, str(len(outcome.failed_runs))])


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return report.pad(first, 40) + "".join(report.pad(cell, 14) for cell in rest)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.kills", description="逐个 kill -9 运行中的进程，测量多久恢复；或 --worst-moments"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="名称", help="只杀这些，例如 scheduler pull kafka")
    parser.add_argument("--module", default="sale_out", metavar="模块", help="杀哪个模块的任务，默认 sale_out")
    parser.add_argument("--worst-moments", action="store_true", help="在最坏的时刻杀，源端同时出错，然后冻结并逐行比较")
    parser.add_argument("--seed", type=int, default=1, help="最坏的时刻：决定杀谁、在哪一步（默认 1）")
    parser.add_argument("--kills", type=int, default=ROUND, help=f"最坏的时刻：杀多少次（默认 {ROUND}：一轮）")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
