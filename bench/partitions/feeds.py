"""Live feeds whose machine loses one server, the source, or everything for a minute while the shop sells on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.instruments.cut_network import MACHINE, OTHER_MACHINE, CutNetwork
from bench.instruments.flowing import in_time, until_flowing
from bench.instruments.live_servers import LiveServers
from bench.instruments.sandbox_shop import SandboxShop
from bench.partitions.outcome import Logs, Outcome
from jst.ledger.facts import read
from jst.ledger.findings import findings, headline
from jst.model.module import module_names
from local.instance import Instance

ROLES = ("feed", "load")
LIMIT, FIRST = 60.0, 300.0
"""Seconds until data must flow after the network is back (after the cut, where another machine takes over at
``TAKE_OVER``); and from the very beginning."""
TAKE_OVER, LINGER = 40.0, 10.0
"""Seconds after which Airflow misses a worker's heartbeat and gives its tasks to another one; and how long the first
one goes on after its network is back, until Airflow refuses its heartbeat."""
LET_THROUGH = 10.0
"""Seconds after a cut from which nothing may arrive: what had been read may still be loaded at its very beginning."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A machine without ``ports``. ``about``: what its processes must say; ``server_log``: where the other side may
    say something, and what."""

    name: str
    title: str
    ports: tuple[int, ...]
    about: str
    server_log: str = ""
    server_says: str = ""


class FeedCuts:
    """Feeds and loads of all live modules on one machine, the servers on another one."""

    def __init__(self, servers: Instance, live: LiveServers, network: CutNetwork, seconds: float) -> None:
        self._servers, self._live, self._network, self._seconds = servers, live, network, seconds

    def cuts(self) -> dict[str, Cut]:
        """Return name → cut, in the order of the drill."""
        ports = self._servers.layout.ports
        known = (
            Cut("postgres", "PostgreSQL", (ports.postgres,), "PostgreSQL", "postgres", "timed out|could not"),
            Cut("kafka", "Kafka", (ports.kafka,), "Kafka"),
            Cut("clickhouse", "ClickHouse", (ports.clickhouse, ports.clickhouse_http), "ClickHouse"),
            Cut("erp", "聚水潭（沙箱）", (self._live.port,), "聚水潭|源端|ERP"),
        )
        everything = tuple(port for each in known for port in each.ports)
        machine = Cut("machine", "全部：另一台机器接手", everything, ".", "postgres", "timed out|could not")
        return {each.name: each for each in (*known, machine)}

    def begin(self) -> Iterator[str]:
        """Start the processes, and yield a problem when nothing comes to flow."""
        for role in ROLES:
            self._live.start(role, machine=MACHINE)
        self._live.plant_return()
        if not in_time(until_flowing(self._live.environment, time.time()), FIRST):
            yield "切断之前就没有流动"

    def cut(self, cut: Cut) -> Outcome:
        """Cut, mend, and see it flow."""
        here, there = Logs(list(self._live.logs.glob("*.log"))), Logs(self._log_of(cut))
        taken_over = cut.name == "machine"
        began = time.time()
        with self._network.between_machine(MACHINE, cut.ports):
            if taken_over:
                time.sleep(TAKE_OVER)
                for role in ROLES:
                    self._live.start(role, machine=OTHER_MACHINE)
            time.sleep(began + self._seconds - time.time())
            ledger, through = self._ledger(), self._arrived(began)
        mended = time.time()
        flows = until_flowing(self._live.environment, mended)
        if taken_over:
            time.sleep(max(0.0, mended + LINGER - time.time()))
            for role in ROLES:
                self._live.kill(role, machine=MACHINE)
        problems = [] if in_time(flows, LIMIT) else [f"恢复后 {LIMIT:.0f} 秒没有流动"]
        if through and not taken_over:
            problems.append(f"切断之后仍有数据到达：{'、'.join(through)}")
        said = there.said(cut.server_says) if cut.server_says else ""
        return Outcome(
            cut.name, f"机器与{cut.title}之间", {f"恢复后 {module}": each for module, each in flows.items()},
            here.said(cut.about), f"{ledger}" + (f"；{cut.title} 的日志：{said}" if said else ""), problems,
        )  # fmt: skip

    def _log_of(self, cut: Cut) -> list[Path]:
        return [self._servers.layout.log(cut.server_log)] if cut.server_log else []

    def _ledger(self) -> str:
        """Return what on-call, who is not cut off, reads first."""
        ledger = read(self._live.database, module_names())
        return f"账本：{headline(ledger, findings(ledger)).what}"

    def _arrived(self, since: float) -> list[str]:
        """Return the modules whose tables show a change made after the cut."""
        with closing(SandboxShop(self._live.environment)) as shop:
            return [module for module, newest in shop.newest().items() if newest > since + LET_THROUGH]
