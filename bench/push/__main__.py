"""What the daily push brings into a group: ``python -m bench.push``.

Sixty days with late days, days that never finish, processes that die before and after every statement, clears, two
schedulers and a robot that is busy, misconfigured or cuts the line, on a real PostgreSQL with the product's outbox and
sender. What people saw is counted by the robot's stand-in. ``--picture``: on the running stack, how long pictures of
the boards take and how much memory.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from bench.instruments.running_stack import running_layout
from bench.push.group import CHANNEL, PushGroup
from bench.push.pictures import taken
from bench.push.sixty_days import SixtyDays
from bench.push.world import Makings
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from local.instance import Instance
from local.layout import TOOLS, LocalError


def main() -> int:
    options = _options()
    try:
        facts = _pictures(options.boards) if options.picture else _days(options.seed)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    return 1 if facts.get("wrong") else 0


def _days(seed: int) -> dict[str, object]:
    servers = Instance(TOOLS / "bench" / f"push-{os.getpid()}")
    logging.disable(logging.ERROR)
    try:
        dsn = servers.postgres()
        with Database(dsn) as database:
            migrate(database)
        # from tomorrow on: the outbox goes by PostgreSQL's clock, and what is over is not sent
        days = SixtyDays(seed, datetime.now(SHANGHAI).date() + timedelta(days=1), Makings(), (CHANNEL,))
        group, began = PushGroup(dsn, days), time.monotonic()
        days.live(group.slots, group.calm, group.send)
        figures = group.figures()
        group.close()
    finally:
        servers.close()
        shutil.rmtree(servers.layout.home, ignore_errors=True)
    seen = figures.seen
    print(
        f"60 天，应发 {figures.due} 期，用时 {time.monotonic() - began:.0f} 秒，"
        f"机器人出错 {figures.faults} 次，进程被杀或丢了答复 {figures.killed} 次"
    )
    print(
        f"群里看到：图文 {seen['']} 次，晚了 {seen['late']} 次，没有发出 {seen['skipped']} 次，图 {figures.pictures} 张"
    )
    print(f"可能已发送 {figures.maybe} 条，其中群里没有的 {figures.lost} 条；不对的 {len(figures.wrong)} 处")
    for each in figures.wrong:
        print(f"  ✗ {each}")
    return asdict(figures)


def _pictures(boards: list[str]) -> dict[str, object]:
    facts = taken(running_layout("看板的图要有数"), boards)
    for board, fact in facts.items():
        print(f"{board}：{fact}")
    return dict(facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.push",
        description="日报：60 天的故障里群里看到几次；--picture：一张图要多久、多少内存（在运行中的系统上）",
    )
    parser.add_argument("--seed", type=int, default=1, help="抽签的种子，默认 1")
    parser.add_argument("--picture", action="store_true", help="在 make up 的系统上截图，量时间与内存")
    parser.add_argument("--boards", nargs="+", default=["shops", "finance", "trend"], metavar="看板", help="截哪些看板")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
