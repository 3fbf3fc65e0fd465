"""Two ClickHouse nodes: the network of the serving one is away for a minute, then the one between both while one is
copied from the other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from bench.failover.drill import bring_back, differing, drain, under_load, wait
from bench.failover.kafka_shop import KafkaShop
from bench.failover.node_pair import NodePair, PairParts, Seen, longest_gap, lost
from bench.instruments import order_backlog as backlog
from bench.instruments.cut_network import MACHINE, CutNetwork
from bench.partitions.outcome import Outcome
from jst.errors import JstError
from local.layout import LocalError

LONGEST_PAUSE = 10.0
COPY_SECONDS = 400.0
"""ClickHouse waits up to 300 s for the other node's rows before the copy is tried again."""
NAMES = ("node", "between")


class _Heard(logging.Handler):
    """The warnings of this process, which loads and reads."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class PairCuts:
    """``cut`` of this process's own machine are the loader and the reader: it must carry the group ``MACHINE``."""

    def __init__(self, pair: NodePair, network: CutNetwork, seconds: float) -> None:
        self._pair, self._network, self._seconds = pair, network, seconds
        self._shop, self._seen, self._heard = KafkaShop(pair.address), Seen(), _Heard()
        self._ports = {node: int(node.rpartition(":")[2]) for node in pair.hosts.names}

    def run(self, names: list[str]) -> list[Outcome]:
        """Make the cuts under load, then compare both nodes with the truth."""
        backlog.prepare(self._pair.address)
        logging.getLogger("jst").addHandler(self._heard)
        logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)  # it writes a traceback for every refusal
        cuts = {"node": self._cut_node, "between": self._cut_between}
        with PairParts(self._pair) as parts:
            parts.nodes.register(self._pair.hosts.names)
            with under_load(self._pair, self._shop, self._seen):
                bring_back(self._pair)
                wait(lambda: self._seen.acknowledged > 0 and bool(self._seen.read), "第一批装载")
                outcomes = [self._one(cuts[name]) for name in NAMES if name in names]
            drain(self._pair, self._shop, self._seen)
        truth = self._shop.truth()
        different = {node: differing(self._pair, node, truth) for node in self._pair.hosts.names}
        self._shop.close()
        stale = len(self._seen.stale)
        print(f"  两个节点：{len(truth):,} 单，与真相不同 {different}，读到旧状态 {stale} 次", flush=True)
        if any(different.values()) or stale:
            outcomes[-1].problems.append(f"不同 {different}，旧状态 {self._seen.stale[:3]}")
        return outcomes

    def _one(self, cut: Callable[[], Outcome]) -> Outcome:
        """Make a cut once both nodes are proven: on a busy machine one may have been left since. Raises LocalError."""
        bring_back(self._pair)
        try:
            outcome = cut()
        except LocalError as problem:
            said = [*self._heard.lines[-3:], *self._seen.trouble[-3:]]
            raise LocalError(f"{problem}；最后说的：{said}") from problem
        print("\n".join(outcome.lines()), flush=True)
        return outcome

    def _cut_node(self) -> Outcome:
        with PairParts(self._pair) as parts:
            node, began, heard = parts.nodes.serving(), time.monotonic(), len(self._heard.lines)
            with self._network.from_everybody([self._ports[node]]):
                wait(lambda: parts.nodes.serving() != node, "另一个节点接替")
                time.sleep(max(0.0, began + self._seconds - time.monotonic()))
                served, mended = parts.nodes.serving(), time.monotonic()
                missing, reason = lost(self._pair, self._shop, served), parts.nodes.get(node).reason
            pauses = [longest_gap(moments, began, mended) for moments in (self._seen.loaded, self._seen.read)]
            back = self._until_proven()
        problems = [f"停了 {max(pauses):.1f} 秒"] if max(pauses) > LONGEST_PAUSE else []
        problems += [f"丢失 {missing} 条"] if missing else []
        seconds = {"写暂停": pauses[0], "读暂停": pauses[1], "恢复后证明": back}
        here = next((line for line in self._heard.lines[heard:] if node in line), "")
        return Outcome("node", "正在服务的节点与所有人之间", seconds, here, f"节点表：{reason}", problems)

    def _cut_between(self) -> Outcome:
        """Send the other node away so that it must be copied whole, which the two do between themselves."""
        with PairParts(self._pair) as parts:
            other = next(node for node in self._pair.hosts.names if node != parts.nodes.serving())
            parts.nodes.leave(other, "演练：整体复制")
            parts.nodes.fill(other, None)
            began, refused = time.monotonic(), list[str]()
            back = threading.Thread(target=self._come_back, args=(refused,), daemon=True)
            with self._network.except_for(MACHINE, list(self._ports.values())):
                back.start()
                time.sleep(self._seconds)
                state, mended = parts.nodes.get(other).state, time.monotonic()
            pauses = [longest_gap(moments, began, mended) for moments in (self._seen.loaded, self._seen.read)]
            back.join(COPY_SECONDS)
            proven = None if back.is_alive() else time.monotonic() - mended
        problems = [f"停了 {max(pauses):.1f} 秒"] if max(pauses) > LONGEST_PAUSE else []
        problems += [] if state == "filling" else [f"没有网络的节点是 {state}"]
        problems += [] if proven is not None else [f"恢复后 {COPY_SECONDS:.0f} 秒没有补齐"]
        seconds = {"写暂停": pauses[0], "读暂停": pauses[1], "恢复后证明": proven}
        there = f"节点表：{other} 仍是 {state}"
        return Outcome("between", "两个节点之间，正在整体复制", seconds, next(iter(refused), ""), there, problems)

    def _come_back(self, refused: list[str]) -> None:
        """Do what the task jst_standby does, again until every node is there; keeps what it says when it cannot."""
        with PairParts(self._pair) as parts:
            states = set[str]()
            while states != {"serving", "proven"}:
                try:
                    states = set(parts.standby(["sale_out"]).bring_back().values())
                except JstError as trouble:
                    refused.append(str(trouble))
                time.sleep(1.0)

    def _until_proven(self) -> float:
        began = time.monotonic()
        bring_back(self._pair)
        return time.monotonic() - began
