"""What boards and 瓴羊BI wait for over ten million lines while live loading goes on: ``python -m bench.boards``.

Fills servers of its own, makes the marts, then asks: the boards' questions by 30 people who look at all boards at once,
then by 30 who ask again as soon as they have their answer; free questions on the wide tables by 5 at once; each as the
login that asks them, row policies included. Beside that: rows read by a load over the full tables and over empty ones,
and the wide table's sort key beside one alternative. Removes everything it made.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from bench.boards.filled_servers import FilledServers
from bench.boards.live_load import LONG_QUERIES, loads, long_queries
from bench.boards.questions import BOARDS, FREE_DAY, FREE_MONTH, SORT_KEYS
from bench.boards.readers import Asked, Crowd
from bench.instruments.percentile import percentile
from local.layout import TOOLS

REFRESH = 5.0
"""Seconds after which a board asks again."""


def main() -> int:
    options = _options()
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
    for name, questions, login, people, every in (
        (f"看板 30 人，各看 7 块、每 {REFRESH} 秒刷新", BOARDS, "boards", 30, REFRESH / len(BOARDS)),
        ("看板饱和：30 人问完就问", BOARDS, "boards", 30, 0.0),
        ("同上，不经行权限（etl）", BOARDS, "etl", 30, 0.0),
        ("自由拖拽 24 小时：5 人问完就问", FREE_DAY, "lingyang_bi", 5, 0.0),
        ("自由拖拽 30 天：5 人问完就问", FREE_MONTH, "lingyang_bi", 5, 0.0),
    ):
        with servers.living():
            asked = Crowd(servers, questions, login, people, every).ask(options.seconds)
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
        "bench.boards", description="一千万行、装载进行时，看板与自由查询要等多久（约十分钟）"
    )
    parser.add_argument(
        "--lines", type=int, default=10_000_000, metavar="行数", help="出库明细多少行，售后是其十分之一"
    )
    parser.add_argument("--seconds", type=float, default=60.0, metavar="秒", help="每一组问多久，默认 60")
    parser.add_argument("--loads-only", action="store_true", help="只量装载：没有人查询时，与旁边有长查询时")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
