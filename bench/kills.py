"""Kill every kind of process with -9 while the shop lives, and time how long data stands still.

``python -m bench.kills`` needs a stack started by ``make up`` on the sandbox. A process is back when the supervisor
(for a task: Airflow) has another one ready; data flows when a change made at the source after the kill shows in the
wide table of every live module. Exit code 0; 1 when it took too long, something needed a hand or the tables differ from
the source; 2 when the drill could not be held.
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
from pathlib import Path

import httpx

from bench.drill import LIMIT, Drill, Outcome, Shop
from bench.victims import Airflow, Victim, victims
from local import report
from local.layout import Layout, LocalError
from local.stack import current_layout
from local.state import State, is_alive

_VERDICTS = ("一致", "✗ 不一致（见上）", "✗ 没有比成（见上）")


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        return _hold(options)
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 演练中断：{problem}", file=sys.stderr)
        return 2


def _hold(options: argparse.Namespace) -> int:
    layout = running_layout()
    environment = report.environment(layout, sandbox=True)
    with closing(Shop(environment)) as shop, closing(Airflow(environment)) as airflow:
        drill = Drill(layout, shop, airflow)
        began, outcomes = datetime.now(UTC).isoformat(), list[Outcome]()
        for victim in victims(layout, airflow, options.module):
            if not options.only or victim.name in options.only:
                outcomes.append(_one(drill, victim, airflow))
        verified = subprocess.run([sys.executable, "-m", "local.verify", "--freeze", "--wait", "240"]).returncode
        _, left = drill.need_a_hand(began)
        shop.frozen(False)
    for line in _table(outcomes, left, verified):
        print(line)
    if options.json:
        facts = {"outcomes": [asdict(each) for each in outcomes], "need_a_hand": left, "verified": not verified}
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if not verified and not left and all(each.good for each in outcomes) else 1


def _one(drill: Drill, victim: Victim, airflow: Airflow) -> Outcome:
    began = datetime.now(UTC).isoformat()
    outcome = drill.kill(victim)
    failed, _ = drill.need_a_hand(began) if outcome.good else ([], [])
    outcome.failed_runs.extend(f"{run['dag_id']} {run['dag_run_id']}" for run in failed)
    print(f"    {', '.join(f'{module} {_seconds(flow)}' for module, flow in outcome.flows.items())}", flush=True)
    print(f"  {_line(outcome)}", flush=True)
    return outcome


def _table(outcomes: list[Outcome], left: list[str], verified: int) -> Iterator[str]:
    yield ""
    yield _row(["  kill -9", "进程恢复 秒", "数据恢复 秒", "相差 秒", "失败运行"])
    yield from (_line(outcome) for outcome in outcomes)
    yield f"目标：进程恢复后 {LIMIT:.0f} 秒内所有实时模块恢复流动"
    yield "需要人工处理：" + ("；".join(left) or "无")
    yield f"冻结后与源端逐行比较：{_VERDICTS[verified]}"


def _line(outcome: Outcome) -> str:
    seconds = [_seconds(each) for each in (outcome.back, outcome.all_flow, outcome.after)]
    return _row([f"{'✓' if outcome.good else '✗'} {outcome.title}", *seconds, str(len(outcome.failed_runs))])


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return report.pad(first, 40) + "".join(report.pad(cell, 14) for cell in rest)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def running_layout() -> Layout:
    layout = current_layout()
    state = State.read(layout) if is_alive(layout) else None
    if state is None or state.phase != "running":
        raise LocalError("没有在运行：先运行 make up")
    if not state.sandbox:
        raise LocalError("源端不是沙箱 ERP：演练会改动源端数据，只对沙箱进行")
    return layout


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.kills", description="逐个 kill -9 运行中的进程，测量多久恢复")
    parser.add_argument("--only", nargs="+", default=[], metavar="名称", help="只杀这些，例如 scheduler pull kafka")
    parser.add_argument("--module", default="sale_out", metavar="模块", help="杀哪个模块的任务，默认 sale_out")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
