"""Twenty times the serving ClickHouse node dies or freezes under load, comes back, is filled and proven.

``python -m bench.failover`` starts servers of its own and removes them. Exit code 0, or 1 when a row was lost, an older
state was shown, a pause was longer than ten seconds, or the nodes are not equal to the truth at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import throughput_backlog as backlog
from bench.failover_parts import Pair, Seen, load, longest_gap, lost, parts, read, standby
from bench.failover_shop import Shop
from local.instance import Instance
from local.layout import TOOLS, LocalError

LONGEST_PAUSE = 10.0
_PATIENCE = 60.0
_HOW = {"kill": "kill -9", "freeze": "SIGSTOP"}


@dataclass(frozen=True, slots=True)
class Failover:
    """Seconds: the longest time without an acknowledged load, and without an answered read, after the blow; from the
    node's return until it was proven. ``lost``: acknowledged records the new serving node does not show."""

    number: int
    node: str
    how: str
    write_pause: float
    read_pause: float
    back: float
    acknowledged: int
    lost: int

    def __str__(self) -> str:
        return (
            f"{self.number:>3}  {self.node}  {_HOW[self.how]:<8} 写暂停 {self.write_pause:4.1f} 秒"
            f"  读暂停 {self.read_pause:4.1f} 秒  补齐并证明 {self.back:4.1f} 秒"
            f"  已确认 {self.acknowledged} 批  丢失 {self.lost}"
        )


@dataclass(slots=True)
class Report:
    failovers: list[Failover]
    stale: list[str]
    trouble: list[str]
    longest_gap: float
    orders: int
    unequal: dict[str, int]
    """Node → orders it shows otherwise than the truth, at the end."""

    @property
    def good(self) -> bool:
        pauses = [max(each.write_pause, each.read_pause) for each in self.failovers]
        kept = not self.stale and not any(each.lost for each in self.failovers) and not any(self.unequal.values())
        return kept and max(pauses) <= LONGEST_PAUSE

    def lines(self) -> list[str]:
        writes = sorted(each.write_pause for each in self.failovers)
        reads = sorted(each.read_pause for each in self.failovers)
        return [
            f"{len(self.failovers)} 次接替：写暂停中位 {writes[len(writes) // 2]:.1f} 秒，最长 {writes[-1]:.1f} 秒；"
            f"读暂停最长 {reads[-1]:.1f} 秒；丢失 {sum(f.lost for f in self.failovers)} 条；"
            f"读到旧状态 {len(self.stale)} 次；补齐和比对在内，两次装载之间最长 {self.longest_gap:.1f} 秒",
            f"最终 {self.orders:,} 单，与真相不同："
            + "，".join(f"{node} {count} 单" for node, count in self.unequal.items()),
        ]


@contextmanager
def under_load(pair: Pair, shop: Shop, seen: Seen) -> Iterator[None]:
    """Orders come, are loaded and are looked at while the block runs."""
    over = threading.Event()
    threads = [
        threading.Thread(target=work, args=arguments, daemon=True)
        for work, arguments in (
            (shop.live, (over, 0.3)),
            (load, (pair, seen, shop, over)),
            (read, (pair, seen, over)),
        )
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def drill(pair: Pair, times: int) -> Report:
    """Let the serving node fail ``times`` times under load, then stand still and compare both nodes with the truth."""
    shop, seen, done = Shop(pair.address), Seen(), list[Failover]()
    backlog.prepare(pair.address)
    with parts(pair) as (_, nodes, _):
        nodes.register(pair.hosts.names)
        with under_load(pair, shop, seen):
            _bring_back(pair)
            began = time.monotonic()
            for number in range(1, times + 1):
                done.append(_fail_over(pair, shop, seen, number, nodes.serving()))
                print(done[-1], flush=True)
            longest = longest_gap(seen.loaded, began, time.monotonic())
        _drain(pair, shop, seen)
    truth = shop.truth()
    unequal = {node: _unequal(pair, node, truth) for node in pair.hosts.names}
    shop.close()
    return Report(done, seen.stale, seen.trouble, longest, len(truth), unequal)


def _fail_over(pair: Pair, shop: Shop, seen: Seen, number: int, node: str) -> Failover:
    how = "kill" if number % 2 else "freeze"
    _wait(lambda: seen.acknowledged > 0 and bool(seen.read), "第一批装载")
    began = time.monotonic()
    pair.hit(node, how)
    with parts(pair) as (_, nodes, _):
        _wait(lambda: nodes.serving() != node, "另一个节点接替")
        _wait(lambda: min(seen.loaded[-1], seen.read[-1]) > began + 1, "继续装载和读取")
        served = nodes.serving()
    until = time.monotonic()
    missing = lost(pair, shop, served)
    pair.heal(node, how)
    returned = time.monotonic()
    _bring_back(pair)
    return Failover(
        number,
        node,
        how,
        longest_gap(seen.loaded, began, until),
        longest_gap(seen.read, began, until),
        time.monotonic() - returned,
        seen.acknowledged,
        missing,
    )


def _bring_back(pair: Pair) -> None:
    """What jst_standby does, again until every node is there."""
    with standby(pair) as bringing:
        _wait(lambda: set(bringing.bring_back().values()) == {"serving", "proven"}, "补齐")


def _drain(pair: Pair, shop: Shop, seen: Seen) -> None:
    over = threading.Event()
    thread = threading.Thread(target=load, args=(pair, seen, shop, over), daemon=True)
    thread.start()
    newest = max(shop.numbers.values())
    _wait(lambda: seen.acknowledged == newest, "最后一批装载")
    over.set()
    thread.join()


def _unequal(pair: Pair, node: str, truth: dict[str, tuple[str, str, list[tuple[str, int]]]]) -> int:
    shown = pair.shown(node)
    return sum(shown.get(key) != truth.get(key) for key in truth.keys() | shown.keys())


def _wait(ready: object, what: str) -> None:
    assert callable(ready)
    give_up = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > give_up:
            raise LocalError(f"等了 {_PATIENCE:.0f} 秒也没有：{what}")
        time.sleep(0.05)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bench.failover", description="两个 ClickHouse 节点：装载中反复接替")
    parser.add_argument("--times", type=int, default=20, metavar="次数", help="接替多少次，默认 20")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    options = parser.parse_args(arguments)
    home = TOOLS / "bench" / str(os.getpid())
    servers = Instance(home)
    pair = None
    try:
        pair = Pair(servers, home / "second")
        report = drill(pair, options.times)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    finally:
        if pair is not None:
            pair.close()
        servers.close()
    print("\n".join(report.lines()))
    if options.json:
        options.json.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if report.good else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
