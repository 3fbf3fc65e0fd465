"""What alerts say while their evaluators die: ``python -m bench.alerts --minutes 10000``.

A world of subjects goes bad and recovers, minute by minute under a fake clock, on a real PostgreSQL with the product's
own rounds, incidents and outbox; a round in ten dies before, within or after a transaction, or loses its answer. The
cards in the outbox are compared with what the world was like. Then a flood of 5,000 subjects, timed. Starts a server of
its own and removes it. ``--stack`` plays three scenes on the running stack instead. Exit code 1 when anything was
missed, late or said twice.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import sys
import time
from dataclasses import asdict

import httpx

from bench.alerts.alert_world import AlertSimulation, Verdict, judged
from bench.alerts.on_stack import scenes
from jst.alerts.alert_round import AlertRound
from jst.alerts.notices import Notices
from jst.alerts.rules import Rules
from jst.control.alert_book import AlertBook
from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from local.instance import Instance
from local.layout import TOOLS, LocalError

FLOOD = 5_000
MOST_SECONDS = 60.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bench.alerts", description="评估进程随处被杀时，预警漏了什么、说了几遍、多久")
    parser.add_argument("--minutes", type=int, default=10_000, metavar="分钟", help="模拟多少分钟，默认 10000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stack", action="store_true", help="改在运行的系统上：断货、售后率、ClickHouse 两分钟没有")
    options = parser.parse_args(arguments)
    if options.stack:
        return _on_stack()
    logging.disable(logging.WARNING)
    servers = Instance(TOOLS / "bench" / f"alerts-{os.getpid()}")
    try:
        dsn = servers.postgres()
        with Database(dsn) as database:
            migrate(database)
        verdict = _simulated(dsn, options.minutes, options.seed)
        _flood(dsn, options.seed)
    finally:
        servers.close()
        shutil.rmtree(servers.layout.home, ignore_errors=True)
    wrong = {name: count for name, count in asdict(verdict).items() if name not in _FIGURES and count}
    for name, count in wrong.items():
        print(f"✗ {name}：{count}")
    return 1 if wrong or verdict.slowest > MOST_SECONDS else 0


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


_FIGURES = {"episodes", "incidents", "cards", "slowest"}


def _simulated(dsn: str, minutes: int, seed: int) -> Verdict:
    simulation, began = AlertSimulation(dsn, random.Random(seed)), time.monotonic()
    simulation.run(minutes)
    simulation.calm_down()
    verdict = judged(simulation)
    places = len(simulation.database.died)
    print(f"{minutes:,} 分钟，{simulation.rounds:,} 轮，被杀 {simulation.kills:,} 次于 {places} 处，"
          f"用时 {time.monotonic() - began:.0f} 秒")  # fmt: skip
    print(f"变坏 {verdict.episodes:,} 次，事件 {verdict.incidents:,} 个，卡片 {verdict.cards:,} 张，"
          f"从数据到卡片最多 {verdict.slowest:.0f} 秒")  # fmt: skip
    print(f"漏 {verdict.missed}，开了两次 {verdict.opened_twice}，没有恢复的话 {verdict.without_an_end}")
    print(f"恢复说了两次 {verdict.ended_twice}，夜间 {verdict.in_quiet_hours}，静默中 {verdict.in_silence}")
    simulation.database.close()
    return verdict


def _flood(dsn: str, seed: int) -> None:
    """Let 5,000 subjects go bad at once, and recover."""
    simulation = AlertSimulation(dsn, random.Random(seed))
    rules = Rules({"loud": simulation.rules[0]})
    with Database(dsn) as database:
        database.rows("TRUNCATE incident, message, message_picture, alert_rule")
        look = AlertRound(
            rules, simulation.world, simulation.marks, AlertBook(database), Notices(database, rules, ""),
            simulation.clock,
        )  # fmt: skip
        for word in ("变坏", "恢复"):
            for number in range(FLOOD):
                simulation.world.toggle(("loud", f"S{number}"), simulation.clock.now())
            simulation.clock.sleep(60)
            began = time.monotonic()
            look.run()
            ((cards,),) = database.rows("SELECT count(*) FROM message")
            print(f"{FLOOD:,} 个同时{word}：一轮 {time.monotonic() - began:.2f} 秒，至今卡片 {cards} 张")
    simulation.database.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
