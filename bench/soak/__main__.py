"""``python -m bench.soak --minutes 120``: a look every minute; ``--days 1``: a simulated day; ``--judge FILE``: the
table of looks that were kept.

Every look is in the file before the next one is taken. Exit code 0; 1 when something grows that should not, a task
failed or the tables differ from the source at the end; 2 when nothing could be measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import clickhouse_driver.errors
import httpx
import psycopg2

from bench.instruments.running_stack import BUSY, busy_stack
from bench.instruments.sandbox_shop import SandboxShop
from bench.soak.judgement import MB, Look, judge, table
from bench.soak.look import Watcher
from bench.soak.simulated_day import SimulatedDay
from local import report
from local.first_cycle import look as look_at_modules
from local.layout import TOOLS, Layout, LocalError

EVERY = 60.0
KEPT_IN = TOOLS / "bench" / "soak.jsonl"
FIRST_LOAD_SECONDS = 3600.0
_AWAY = (psycopg2.Error, clickhouse_driver.errors.Error, OSError)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.judge:
        return _say(_read(options.judge))
    options.file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with busy_stack("要比较的真值在沙箱里", options.orders_per_hour) as layout:
            _wait_for_first_loads(layout)
            good = _simulate(layout, options.days) if options.days else _soak(layout, options)
            equal = _compare(layout)
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 测量中断：{problem}（已有的在 {options.file}，看：--judge）", file=sys.stderr)
        return 2
    return 0 if good and equal else 1


def _soak(layout: Layout, options: argparse.Namespace) -> bool:
    watcher, looks, missed = Watcher(layout), list[Look](), 0
    began = time.time()
    with options.file.open("w", encoding="utf-8") as out, _until_interrupted():
        while time.time() - began < options.minutes * 60:
            at = time.time()
            try:
                looks.append((at, watcher.look()))
            except _AWAY as problem:
                missed += 1
                print(f"  ✗ 这一分钟没有看成：{' '.join(str(problem).split())[:200]}", flush=True)
            else:
                out.write(json.dumps({"at": at, "values": looks[-1][1]}, ensure_ascii=False) + "\n")
                out.flush()
                print(_progress(at - began, looks[-1][1], time.time() - at), flush=True)
            time.sleep(max(0.0, at + EVERY - time.time()))
    print(f"看了 {len(looks)} 次，没有看成 {missed} 次；每次的全部数字在 {options.file}")
    return _say(looks) == 0 and not missed


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        print("\n已中断：按已有的判断")


def _say(looks: Sequence[Look]) -> int:
    if len(looks) < 2:
        print("✗ 少于两次，无从比较", file=sys.stderr)
        return 2
    lines = list(judge(looks))
    print("\n".join(table(lines)))
    bad = [line.name for line in lines if line.bad]
    found = f"✗ 不该增长的：{'、'.join(bad)}" if bad else "✓ 都平"
    print(f"\n{(looks[-1][0] - looks[0][0]) / 60:.0f} 分钟：{found}")
    return 1 if bad else 0


def _simulate(layout: Layout, days: int) -> bool:
    day = SimulatedDay(layout)
    with closing(day):
        good = [day.run(number) for number in range(1, days + 1)]
    return all(good)


def _wait_for_first_loads(layout: Layout) -> None:
    """Wait until the past has been read: that happens once, and is no soak. Raises LocalError."""
    give_up = time.monotonic() + FIRST_LOAD_SECONDS
    while unfinished := [load for load in look_at_modules(layout).first_loads.values() if not load.done]:
        if time.monotonic() > give_up:
            raise LocalError(f"首次装载在 {FIRST_LOAD_SECONDS / 60:.0f} 分钟内没有完成")
        print("  … 等首次装载：" + "；".join(map(str, unfinished)), flush=True)
        time.sleep(30)


def _compare(layout: Layout) -> bool:
    """Freeze the shop, compare all tables with it, and let it sell on."""
    compared = subprocess.run([sys.executable, "-m", "local.verify", "--freeze", "--wait", "300"]).returncode == 0
    with closing(SandboxShop(report.environment(layout, sandbox=True))) as shop:
        shop.frozen(False)
    return compared


def _progress(seconds: float, values: dict[str, float], cost: float) -> str:
    memory = sum(value for name, value in values.items() if name.startswith("memory/"))
    files = sum(value for name, value in values.items() if name.startswith(("files/", "sockets/")))
    behind = max((value for name, value in values.items() if name.startswith("behind/")), default=0.0)
    disks = sum(value for name, value in values.items() if name.startswith("size/disk/"))
    connections = sum(value for name, value in values.items() if name.startswith("connections/"))
    return (
        f"  … {seconds / 60:.0f} 分钟：PSS {memory / MB:,.0f} MB，文件与套接字 {files:.0f}，连接 {connections:.0f}，"
        f"磁盘 {disks / MB:,.0f} MB，落后最多 {behind:.0f} 秒，"
        f"失败任务 {values['failed/任务']:.0f}（看一次 {cost:.1f} 秒）"
    )


def _read(file: Path) -> list[Look]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [(row["at"], row["values"]) for row in rows]


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.soak", description="长时间运行：内存、文件、连接是否平，什么在增长、由谁删除（默认 2 小时）"
    )
    parser.add_argument("--minutes", type=float, default=120.0, metavar="分钟", help="看多久，默认 120，每分钟一次")
    parser.add_argument("--days", type=int, default=0, metavar="天数", help="改做模拟的天：每天 24 轮，不是真实时间")
    parser.add_argument("--orders-per-hour", type=int, default=BUSY, metavar="单数", help=f"默认 {BUSY}")
    parser.add_argument("--file", type=Path, default=KEPT_IN, metavar="文件", help="每次的全部数字")
    parser.add_argument("--judge", type=Path, metavar="文件", help="只对存下的数字给出表格，例如中断之后")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
