"""How many orders a second a backlog in Kafka is loaded at, and what a row from the API costs, ours and dlt's.

``python -m bench.throughput`` starts servers of its own and removes them; it needs a quiet machine. Exit code 0, or 1
when something could not be measured or the wide table does not show what was carried.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.instruments import order_backlog as backlog
from bench.instruments.addresses import Address, run
from bench.instruments.process_cost import Meter
from bench.throughput import api, large_orders
from local.instance import Instance
from local.layout import TOOLS, LocalError

_MB = 1024**2


@dataclass(frozen=True, slots=True)
class Backlog:
    """``seconds``: from the first load's end to the last one's, ``orders`` loaded meanwhile; memory of the loader in
    bytes after the first load, half-way and at the end; core-seconds by process, the loader's start included."""

    orders: int
    lines: int
    shown: int
    seconds: float
    timed: int
    cores: dict[str, float]
    memory: tuple[int, int, int]

    @property
    def orders_per_second(self) -> float:
        return self.timed / max(0.001, self.seconds)


@dataclass(slots=True)
class ThroughputReport:
    backlog: Backlog
    large: dict[int, float]
    api: dict[str, api.Way] = field(default_factory=dict)

    def lines(self) -> list[str]:
        load = self.backlog
        first, middle, last = (size / _MB for size in load.memory)
        every = sum(load.cores.values()) / load.orders * 1e6
        return [
            f"积压装载 Kafka → 宽表：{load.orders_per_second:,.0f} 单/秒（{load.orders:,} 单，{load.lines:,} 行明细，"
            f"{os.cpu_count()} 核，负载 {os.getloadavg()[0]:.1f}）",
            f"  宽表显示 {load.shown:,} 行；每单 {every:.0f} 微秒核时："
            + "，".join(f"{name} {cores / load.orders * 1e6:.0f}" for name, cores in load.cores.items()),
            f"  装载进程内存 RSS：开始 {first:.0f} MB，中间 {middle:.0f} MB，结束 {last:.0f} MB",
            "一张大单（清洗 + 打宽）：" + "，".join(f"{many:,} 行 {took:.1f} 秒" for many, took in self.large.items()),
            *(f"API → ClickHouse，{name}：{_way(way)}" for name, way in self.api.items()),
            *self._ratio(),
        ]

    def _ratio(self) -> list[str]:
        if len(self.api) < 2:
            return []
        ours, other = (way.rows_per_core_second for way in self.api.values())
        return [f"  每核秒的行数是 dlt 的 {ours / other:.1f} 倍（两边都不计沙箱 ERP）"]

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {
            "orders_per_second": self.backlog.orders_per_second,
            "rows_per_core_second": {name: way.rows_per_core_second for name, way in self.api.items()},
        }


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    servers = Instance(TOOLS / "bench" / str(os.getpid()))
    try:
        report = _measure(servers, options.orders, options.rows, dlt=not options.no_dlt)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    finally:
        servers.close()
    print("\n".join(report.lines()))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _measure(servers: Instance, orders: int, rows: int, *, dlt: bool) -> ThroughputReport:
    address = Address.of(servers)
    backlog.prepare(address)
    print(f"  … 准备 {orders:,} 单的积压", flush=True)
    lines = backlog.carry(address, orders)
    print("  … 装载", flush=True)
    report = ThroughputReport(_load(servers, address, orders, lines), large_orders.measure(address))
    with api.shop(servers, rows) as url:
        print("  … 从 API 读取", flush=True)
        report.api["本项目（经 Kafka，到宽表）"] = api.ours(servers, address, url)
        if dlt:
            report.api["dlt rest_api（到一张表）"] = api.dlts(servers, address, url)
    return report


def _load(servers: Instance, address: Address, orders: int, lines: int) -> Backlog:
    meter = Meter()
    meter.look(servers.pids(), {})
    told, cores = run([sys.executable, "-m", "bench.throughput.load_worker"], address.as_json())
    meter.look(servers.pids(), {})
    loads = [json.loads(line) for line in told][:-1]  # the last one found nothing
    shown, loaded, _ = backlog.lines_shown(address)
    if loaded != orders:
        raise LocalError(f"宽表里有 {loaded:,} 单，应有 {orders:,} 单")
    return Backlog(
        orders=orders,
        lines=lines,
        shown=shown,
        seconds=loads[-1]["at"] - loads[0]["at"],
        timed=sum(load["records"] for load in loads[1:]),
        cores={"装载进程": cores, **{name: usage.cpu for name, usage in meter.usage.items()}},
        memory=(loads[0]["rss"], loads[len(loads) // 2]["rss"], loads[-1]["rss"]),
    )


def _way(way: api.Way) -> str:
    cores = "，".join(f"{name} {seconds:.1f}" for name, seconds in way.cores.items())
    return f"{way.rows_per_core_second:,.0f} 行/核秒（{way.rows:,} 行；核秒：{cores}）"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.throughput", description="测量积压装载的速度，与每一行的处理器成本（与 dlt 对比）"
    )
    parser.add_argument("--orders", type=int, default=300_000, metavar="单数", help="积压多少单，默认 300000")
    parser.add_argument("--rows", type=int, default=20_000, metavar="行数", help="从 API 读多少单，默认 20000")
    parser.add_argument("--no-dlt", action="store_true", help="不与 dlt 比较（不下载）")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
