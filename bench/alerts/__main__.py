"""What people see of alerts while evaluators and senders die at every line: ``python -m bench.alerts --minutes 10000``.

A world of subjects goes bad and recovers, minute by minute under a fake clock, on a real PostgreSQL with the product's
own rounds, incidents, outbox and senders; processes die before, within or after a transaction, or lose its answer, and
the robot answers badly now and then. What the robot's stand-in saw is compared with what the world was like. Then a
flood of 5,000 subjects, on each kind of robot. Starts a server of its own, and removes it. ``--stack`` plays scenes on
the running stack instead. Exit code 1 when anything was missed, late or said twice.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import re
import shutil
import sys
import time
from dataclasses import asdict

import httpx

from bench.alerts.alert_verdict import Verdict, judged
from bench.alerts.alert_world import AlertSimulation
from bench.alerts.on_stack import scenes
from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from local.instance import Instance
from local.layout import TOOLS, LocalError

FLOOD, OWNERS = 5_000, 200
MOST_SECONDS = 60.0
_FIGURES = {"episodes", "cards", "repeated", "slowest", "slowest_in_trouble"}
_COUNT = re.compile(r"(?:新增|恢复) ([\d,]+) 项")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.alerts", description="评估与发送的进程随处被杀时，群里漏了什么、说了几遍、多久"
    )
    parser.add_argument("--minutes", type=int, default=10_000, metavar="分钟", help="模拟多少分钟，默认 10000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stack", action="store_true", help="改在运行的系统上：断货、售后率、ClickHouse 两分钟没有")
    options = parser.parse_args(arguments)
    if options.stack:
        return _on_stack()
    logging.disable(logging.ERROR)
    servers = Instance(TOOLS / "bench" / f"alerts-{os.getpid()}")
    try:
        dsn = servers.postgres()
        with Database(dsn) as database:
            migrate(database)
        verdict = _simulated(dsn, options.minutes, options.seed)
        wrong = [f"{name}：{count}" for name, count in asdict(verdict).items() if name not in _FIGURES and count]
        wrong += [f"从数据到卡片 {verdict.slowest:.0f} 秒"] if verdict.slowest > MOST_SECONDS else []
        for channel in ("feishu", "dingtalk"):
            wrong += _flood(dsn, channel, options.seed)
    finally:
        servers.close()
        shutil.rmtree(servers.layout.home, ignore_errors=True)
    for each in wrong:
        print(f"✗ {each}")
    return 1 if wrong else 0


def _on_stack() -> int:
    good = True
    try:
        for scene in scenes():
            print("\n".join(scene.lines()), flush=True)
            good = good and scene.good
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 演练中断：{problem}", file=sys.stderr)
        return 2
    return 0 if good else 1


def _simulated(dsn: str, minutes: int, seed: int) -> Verdict:
    simulation, began = AlertSimulation(dsn, random.Random(seed)), time.monotonic()
    simulation.run(minutes)
    simulation.calm_down()
    verdict = judged(simulation)
    group, died = simulation.group, len(simulation.database.died)
    print(
        f"{minutes:,} 分钟，看 {simulation.looks:,} 次，评估被杀 {simulation.kills:,} 次于 {died} 处，"
        f"发送被杀 {len(group.killed):,} 次，机器人出错 {len(group.faults)} 次，用时 {time.monotonic() - began:.0f} 秒"
    )
    print(
        f"变坏 {verdict.episodes:,} 次，群里看到卡片 {verdict.cards:,} 张，其中注明重复的 {verdict.repeated} 张；"
        f"从数据到群里最多 {verdict.slowest:.0f} 秒，机器人或发送出错前后 {verdict.slowest_in_trouble:.0f} 秒"
    )
    print(
        f"漏 {verdict.missed}，开了两次 {verdict.opened_twice}，没有恢复的话 {verdict.without_an_end}，"
        f"恢复说了两次 {verdict.ended_twice}，@ 错 {verdict.wrong_mentions}，"
        f"夜间 {verdict.in_quiet_hours}，静默中 {verdict.in_silence}"
    )
    simulation.close()
    return verdict


def _flood(dsn: str, channel: str, seed: int) -> list[str]:
    """Let 5,000 subjects of 200 owners go bad at once, and recover; returns what was wrong."""
    with Database(dsn) as database:
        database.rows("TRUNCATE incident, message, message_picture, alert_rule, silence, budget, credential")
    simulation, wrong = AlertSimulation(dsn, random.Random(seed), FLOOD, OWNERS, channel), list[str]()
    group, everyone = simulation.group, {f"ou_owner{number}" for number in range(OWNERS)}
    told, known = sum(len(simulation.world.owners_of(f"S{number}")) for number in range(FLOOD)), 0
    for word in ("变坏", "恢复"):
        for number in range(FLOOD):
            simulation.world.toggle(("loud", f"S{number}"), simulation.clock.now())
        simulation.clock.sleep(60)
        began, put = time.monotonic(), group.clock.now()
        simulation.look(dies=False)
        took = time.monotonic() - began
        while group.send(dies=False):
            simulation.clock.sleep(1)
        cards, known = group.seen()[known:], len(group.seen())
        counted = sum(
            int(found[1].replace(",", "")) for card in cards if (found := _COUNT.search(card.title + card.text))
        )
        called = {who for card in cards for who in card.called}
        seconds = cards[-1].at - put.timestamp() if cards else 0.0
        print(
            f"{channel}：{FLOOD:,} 个同时{word}，一轮 {took:.1f} 秒；群里 {len(cards)} 张卡片，说到 {counted:,} 个，"
            f"@ {len(called)} 人，{seconds:.0f} 秒发完"
        )
        if counted != told or called != everyone or len(cards) != OWNERS:
            wrong.append(f"{channel} {word}：{len(cards)} 张卡片，{counted} 个，{len(called)} 人")
    refused = {code: count for code, count in group.answers().items() if not code.endswith(" ok")}
    wrong += [f"{channel} 被拒绝：{refused}"] if refused else []
    simulation.close()
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
