"""What the warehouse's size does to the work of a live minute: ``python -m bench.growth``.

Fills servers of its own with as many sale-out lines a day over more and more days, merged, and measures the processor
and the memory of ClickHouse for everything that runs again and again beside the feeds, at each size; then what a
minute of it costs. Beside it what is searched whole by night. Removes what it made.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from clickhouse_driver import Client

from bench.boards.filled_servers import FilledServers
from jst.clock import SHANGHAI
from jst.model.check_facts import load_checks
from jst.model.module import load_module
from jst.model.window import Window, floor_second
from jst.warehouse.mart_tables import days_that_differ
from jst.warehouse.sql import OVER_EVERYTHING, statement
from jst.warehouse.widen_tables import EVERY_KIND, stale, stale_lately
from jst.warehouse.window_compare import count
from local.layout import TOOLS

LINES_A_DAY, WINDOWS, TIMES = 333_000, 121, 3
SALE_OUT = load_module("sale_out")
WHOLE = "一遍全部："
"""Of what is done by night, or was done all day before: not part of a live minute."""
_RENAMED = """
INSERT INTO dim.dim_sku (sku_id, i_id, name, category, brand, fetched_at, version)
SELECT sku_id, i_id, name, category, brand, now64(3), version FROM dim.dim_sku LIMIT 50"""
_SPENT = """
SELECT sum(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) / 1e3,
    max(memory_usage) / 1e6, sum(read_rows)
FROM system.query_log
WHERE type = 'QueryFinish' AND user = 'etl' AND event_time_microseconds >= fromUnixTimestamp64Micro(%(since)s)
    AND query NOT LIKE '%%system.query_log%%'"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Core-milliseconds and megabytes of one time, on average and at most."""

    core_ms: float
    megabytes: float
    rows: float


@dataclass(frozen=True, slots=True)
class Work:
    """What is done, and how often a minute."""

    do: Callable[[], object]
    a_minute: float


def main() -> int:
    options = _options()
    found: dict[str, dict[str, Spent]] = {}
    for lines in options.lines:
        folder = TOOLS / "bench" / f"growth-{os.getpid()}"
        servers = FilledServers(folder)
        try:
            facts = servers.fill(lines, max(1, lines // LINES_A_DAY))
            print(f"{lines:,} 行：{facts}", flush=True)
            servers.leave_marts()
            works = _works(servers, servers.login("etl", final=False))
            found[f"{lines:,}"] = {name: _measure(servers, name, work) for name, work in works.items()}
        finally:
            servers.close()
            shutil.rmtree(folder, ignore_errors=True)
    _tell(found, works)
    if options.json:
        told = {size: {name: vars_of(spent) for name, spent in each.items()} for size, each in found.items()}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def vars_of(spent: Spent) -> dict[str, float]:
    return {"core_ms": round(spent.core_ms, 1), "megabytes": round(spent.megabytes), "rows": round(spent.rows)}


def _works(servers: FilledServers, client: Client) -> dict[str, Work]:
    """List all that reads the warehouse again and again, with how often."""
    end = floor_second(datetime.now(SHANGHAI))
    step = timedelta(seconds=30)
    windows = [Window(end - step * (number + 1), end - step * number) for number in range(WINDOWS)]
    since = datetime.now(SHANGHAI) - timedelta(minutes=10)

    def renamed() -> None:
        client.execute(_RENAMED)
        stale_lately(client, SALE_OUT, since)

    def loaded_and_counted() -> None:
        servers.load(30)
        servers.refresh()

    def check(name: str) -> Callable[[], object]:
        sql = statement(f"checks/{name}", **EVERY_KIND)
        return lambda: client.execute(f"SELECT count() FROM (\n{sql}\n)", settings=OVER_EVERYTHING)

    works = {
        "装载 30 单": Work(lambda: servers.load(30), 24),
        "装载 30 单并汇总": Work(loaded_and_counted, 6),
        "50 个商品变了，找标签过时的行": Work(renamed, 0.2),
        f"对账，数 {WINDOWS} 个窗口": Work(lambda: count(client, SALE_OUT, windows, []), 0.2),
        "汇总与宽表比较": Work(lambda: days_that_differ(client), 1 / 60),
    }
    checks = [each for each in load_checks() if each.store == "warehouse"]
    works |= {
        f"检查 {each.title}": Work(check(each.name), 1 / each.every_minutes) for each in checks if not each.at_night
    }
    works |= {f"{WHOLE}检查 {each.title}": Work(check(each.name), 0) for each in checks if each.at_night}
    return works | {f"{WHOLE}找标签过时的行": Work(lambda: stale(client, SALE_OUT), 0)}


def _measure(servers: FilledServers, name: str, work: Work) -> Spent:
    work.do()
    with servers.login("etl") as client:
        ((since,),) = client.execute("SELECT toUnixTimestamp64Micro(now64(6))")
        for _ in range(TIMES):
            work.do()
        client.execute("SYSTEM FLUSH LOGS", query_id=f"flush-{uuid4().hex}")
        ((core_ms, megabytes, rows),) = client.execute(_SPENT, {"since": since})
    spent = Spent(core_ms / TIMES, megabytes, rows / TIMES)
    print(f"    {name}：{spent.core_ms:,.1f} 核毫秒，{spent.megabytes:,.0f} MB，读 {spent.rows:,.0f} 行", flush=True)
    return spent


def _tell(found: Mapping[str, Mapping[str, Spent]], works: Mapping[str, Work]) -> None:
    sizes = list(found)
    print("每分钟核秒：")
    for size in sizes:
        minute = sum(found[size][name].core_ms * work.a_minute for name, work in works.items()) / 1000
        print(f"    {size} 行：{minute:.2f}")
    print("增长倍数：")
    for name in works:
        first, last = found[sizes[0]][name], found[sizes[-1]][name]
        print(f"    {name}：{last.core_ms / max(first.core_ms, 0.1):.1f} 倍，{last.megabytes:,.0f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.growth", description="仓库变大时，实时的一分钟多用多少处理器与内存")
    parser.add_argument(
        "--lines",
        type=int,
        nargs="+",
        default=[10_000_000, 50_000_000],
        metavar="行数",
        help="出库明细多少行，从小到大",
    )
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
