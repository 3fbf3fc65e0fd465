"""What people who look at boards wait for: ``python -m bench.boards``.

``--screens``: on the running stack, thirty people and one real browser open boards, keep them open and ask as fast as
they can; which process pays, and what Airflow's own API does beside it. Without: what boards and 瓴羊BI wait for over
ten million lines while live loading goes on. That fills servers of its own, makes the marts, then asks: the boards'
questions as the api-server does for people of nine sets of shops who look at all boards, then as fast as they are
answered; free questions on the data sets of BI by 5 at once; each as the login that asks them, row policies included.
Beside that: rows read by a load over the full tables and over empty ones, and the wide table's sort key beside one
alternative. Removes everything it made.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path

import httpx

from bench.boards.filled_servers import FilledServers
from bench.boards.live_load import LONG_QUERIES, loads, long_queries
from bench.boards.questions import FREE_DAY, FREE_MONTH, SORT_KEYS, of_boards, refreshes
from bench.boards.readers import Asked, Crowd
from bench.boards.screens import Screens
from bench.instruments.percentile import percentile
from bench.instruments.running_stack import busy_stack
from jst.boards.board_answers import AT_ONCE
from jst.clock import SHANGHAI
from local.layout import TOOLS, LocalError

SETS = 9
"""Sets of shops: all who may see the same share an answer."""


def main() -> int:
    options = _options()
    if options.screens:
        return _screens(options)
    folder = TOOLS / "bench" / f"boards-{os.getpid()}"
    servers = FilledServers(folder)
    try:
        facts = _measure(servers, options)
    finally:
        servers.close()
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _screens(options: argparse.Namespace) -> int:
    try:
        with busy_stack("看的人是沙箱店铺的负责人") as layout:
            parts = Screens(layout, options.seconds, options.refreshes).run()
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 测量中断：{problem!r}", file=sys.stderr)
        return 2
    if options.json:
        facts = [part.as_json() for part in parts]
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _measure(servers: FilledServers, options: argparse.Namespace) -> dict[str, object]:
    facts: dict[str, object] = {}
    facts["cycle_empty"] = _say("装载一批 30 单，空表", servers.cycle(30))
    facts["fill"] = _say("填充", servers.fill(options.lines))
    facts["loads_alone"] = _say("装载，没有人查询，毫秒", _spread(loads(servers, options.seconds)))
    with long_queries(servers):
        beside = loads(servers, options.seconds)
    facts["loads_beside_long"] = _say(f"装载，旁边 {LONG_QUERIES} 个长查询，毫秒", _spread(beside))
    if options.loads_only:
        return facts
    facts["marts"] = _say("汇总表", servers.make_marts())
    facts["cycle_full"] = _say("装载一批 30 单，满表", servers.cycle(30))
    boards, often = of_boards(datetime.now(SHANGHAI)), refreshes()
    rate = SETS * sum(often[name] for name in boards)
    for name, questions, login, people, every in (
        (f"看板如 api-server 所问：{SETS} 组店铺各开全部看板，按刷新间隔，同时最多 {AT_ONCE} 问", boards, "boards",
         AT_ONCE, AT_ONCE / rate),
        (f"看板饱和：{AT_ONCE} 问，问完就问", boards, "boards", AT_ONCE, 0.0),
        ("同上，不经行权限（etl）", boards, "etl", AT_ONCE, 0.0),
        ("自由拖拽 24 小时：5 人问完就问", FREE_DAY, "lingyang_bi", 5, 0.0),
        ("自由拖拽 30 天：5 人问完就问", FREE_MONTH, "lingyang_bi", 5, 0.0),
    ):  # fmt: skip
        with servers.living():
            asked = Crowd(servers, questions, login, people, every, often).ask(options.seconds)
        facts[name] = _told(name, asked)
    facts["marts_while_asked"] = _say("其间汇总表", servers.rounds())
    facts["sort_keys"] = _say("排序键", servers.sort_keys(SORT_KEYS))
    return facts


def _say(title: str, facts: dict[str, float]) -> dict[str, float]:
    print(f"{title}：" + "，".join(f"{name} {value:,g}" for name, value in facts.items()), flush=True)
    return facts


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"次": len(times), **{f"p{rank}": round(percentile(ordered, rank / 100), 0) for rank in (50, 95, 99)}}


def _told(title: str, asked: Asked) -> dict[str, object]:
    print(f"{title}：{asked}", flush=True)
    for line in asked.lines():
        print(f"    {line}", flush=True)
    return asked.as_json()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.boards", description="看板要等多久：一千万行、装载进行时（约十分钟）；--screens：在运行中的系统上"
    )
    parser.add_argument("--screens", action="store_true", help="在 make up 的系统上：30 人与一个真实浏览器打开看板")
    parser.add_argument("--refreshes", type=int, default=2000, metavar="次", help="最后刷新多少次看内存，0 不看")
    parser.add_argument(
        "--lines", type=int, default=10_000_000, metavar="行数", help="出库明细多少行，售后是其十分之一"
    )
    parser.add_argument("--seconds", type=float, default=60.0, metavar="秒", help="每一组问多久，默认 60")
    parser.add_argument("--loads-only", action="store_true", help="只量装载：没有人查询时，与旁边有长查询时")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
