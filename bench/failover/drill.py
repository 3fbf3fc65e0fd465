"""Let the serving one of two ClickHouse nodes die or freeze under load, come back, be filled and proven."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.failover.kafka_shop import KafkaShop
from bench.failover.node_pair import NodePair, PairParts, Seen, load, longest_gap, lost, read
from bench.instruments import order_backlog as backlog
from local.layout import LocalError

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
class FailoverReport:
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
def under_load(pair: NodePair, shop: KafkaShop, seen: Seen) -> Iterator[None]:
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


def drill(pair: NodePair, times: int) -> FailoverReport:
    """Let the serving node fail ``times`` times under load, then stand still and compare both nodes with the truth."""
    shop, seen, done = KafkaShop(pair.address), Seen(), list[Failover]()
    backlog.prepare(pair.address)
    with PairParts(pair) as parts:
        parts.nodes.register(pair.hosts.names)
        with under_load(pair, shop, seen):
            bring_back(pair)
            began = time.monotonic()
            for number in range(1, times + 1):
                done.append(_fail_over(pair, shop, seen, number, parts.nodes.serving()))
                print(done[-1], flush=True)
            longest = longest_gap(seen.loaded, began, time.monotonic())
        drain(pair, shop, seen)
    truth = shop.truth()
    unequal = {node: differing(pair, node, truth) for node in pair.hosts.names}
    shop.close()
    return FailoverReport(done, seen.stale, seen.trouble, longest, len(truth), unequal)


def _fail_over(pair: NodePair, shop: KafkaShop, seen: Seen, number: int, node: str) -> Failover:
    how = "kill" if number % 2 else "freeze"
    wait(lambda: seen.acknowledged > 0 and bool(seen.read), "第一批装载")
    began = time.monotonic()
    pair.hit(node, how)
    with PairParts(pair) as parts:
        wait(lambda: parts.nodes.serving() != node, "另一个节点接替")
        wait(lambda: min(seen.loaded[-1], seen.read[-1]) > began + 1, "继续装载和读取")
        served = parts.nodes.serving()
    until = time.monotonic()
    missing = lost(pair, shop, served)
    pair.heal(node, how)
    returned = time.monotonic()
    bring_back(pair)
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


def bring_back(pair: NodePair) -> None:
    """Do what jst_standby does, again until every node is there."""
    with PairParts(pair) as parts:
        standby = parts.standby(["sale_out"])
        wait(lambda: set(standby.bring_back().values()) == {"serving", "proven"}, "补齐")


def drain(pair: NodePair, shop: KafkaShop, seen: Seen) -> None:
    """Load what the shop has left."""
    over = threading.Event()
    thread = threading.Thread(target=load, args=(pair, seen, shop, over), daemon=True)
    thread.start()
    newest = max(shop.numbers.values())
    wait(lambda: seen.acknowledged == newest, "最后一批装载")
    over.set()
    thread.join()


def differing(pair: NodePair, node: str, truth: dict[str, tuple[str, str, list[tuple[str, int]]]]) -> int:
    """Return how many orders a node shows otherwise than the truth."""
    shown = pair.shown(node)
    return sum(shown.get(key) != truth.get(key) for key in truth.keys() | shown.keys())


def wait(ready: object, what: str) -> None:
    """Wait until ``ready()``. Raises LocalError after a minute."""
    assert callable(ready)
    give_up = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > give_up:
            raise LocalError(f"等了 {_PATIENCE:.0f} 秒也没有：{what}")
        time.sleep(0.05)
