"""``python -m bench.night``: each fault in turn, read in a browser; ``--fresh 10``, ``--calm 30``: minutes without one.

Exit code 0; 1 when a fault was named too late or not at all, the page did not turn green again, or something was red
without a fault; 2 when the night could not be held.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.instruments.running_stack import busy_stack
from bench.kills.victims import logged_in
from bench.night.faults import Fault, faults
from bench.night.first_line import Ledger, opened, until
from local import report
from local.airflow_api import AirflowApi
from local.layout import TOOLS, Layout, LocalError

RECOVERY_SECONDS = 400.0
"""A hold-back lasts up to 5 minutes, and the shift after it has to read and load."""
WELL_SECONDS = 600.0
PICTURES = TOOLS / "night"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fault. Seconds until the first line ``named`` it and until it was green again (None: never); ``clicks`` from
    the page to the cause; ``link`` leads to a page that is there; ``said``: the line."""

    fault: str
    title: str
    aim: float
    named: float | None
    said: str
    clicks: int | None
    link: bool
    recovered: float | None
    good: bool


@dataclass(slots=True)
class Quiet:
    """Minutes without a fault: what was red on the page, and which runs failed."""

    minutes: float
    reds: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.reds and not self.failed_runs

    def lines(self) -> Iterator[str]:
        """Say how many, then what."""
        found = [*self.reds, *self.failed_runs]
        yield f"{'✓' if self.good else '✗'} {self.minutes:g} 分钟没有故障：误报红色 {len(found)} 处（目标 0）"
        yield from (f"      {red}" for red in found)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        with busy_stack("演练会改动源端数据，只对沙箱进行") as layout:
            outcomes, quiet = _night(layout, options)
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ 演练中断：{problem}", file=sys.stderr)
        return 2
    for line in _table(outcomes, quiet):
        print(line)
    if options.json:
        facts = {"outcomes": [asdict(each) for each in outcomes], "quiet": {k: asdict(v) for k, v in quiet.items()}}
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    named, calm = all(each.good for each in outcomes), all(each.good for each in quiet.values())
    return 0 if named and calm else 1


def _night(layout: Layout, options: argparse.Namespace) -> tuple[list[Outcome], dict[str, Quiet]]:
    environment = report.environment(layout, sandbox=True)
    outcomes, quiet = list[Outcome](), dict[str, Quiet]()
    options.pictures.mkdir(parents=True, exist_ok=True)
    with (
        closing(logged_in(environment)) as airflow,
        TemporaryDirectory() as keep,
        opened(environment["JST_AIRFLOW_URL"], environment["JST_AIRFLOW_PASSWORD"]) as ledger,
    ):
        if options.fresh:
            quiet["fresh"] = _watch_quiet(ledger, airflow, options.fresh)
            ledger.picture(options.pictures / "fresh.png")
        for fault in faults(layout, environment["JST_ERP_URL"], airflow, Path(keep)):
            if not options.only or fault.name in options.only:
                outcomes.append(_one(fault, ledger, options.pictures))
        if options.calm:
            quiet["calm"] = _watch_quiet(ledger, airflow, options.calm)
            ledger.picture(options.pictures / "calm.png")
    return outcomes, quiet


def _one(fault: Fault, ledger: Ledger, pictures: Path) -> Outcome:
    """Begin a fault when all is well, see it named, end it, see it healed; it ends also when this breaks off."""
    well, line = until(ledger, "", WELL_SECONDS)
    if well is None:
        raise LocalError(f"账本第一行没有恢复正常，没有开始“{fault.title}”：{line.what}")
    print(f"  … {fault.title}", flush=True)
    began = time.monotonic()
    try:
        fault.begin()
        named, line = until(ledger, fault.words, fault.aim + (120.0 if fault.loud else 0.0))
        ledger.picture(pictures / f"{fault.name}.png")
        link = bool(ledger.follow()) if named is not None else False
        time.sleep(max(0.0, fault.hold - (time.monotonic() - began)))
        ledger.picture(pictures / f"{fault.name}-{fault.hold:.0f}s.png") if fault.hold else None
    finally:
        fault.mend()
    recovered = until(ledger, "", RECOVERY_SECONDS)[0] if fault.heals else None
    clicks = None if named is None else 0
    in_time = named <= fault.aim if named is not None else not fault.loud
    good = in_time and (recovered is not None or not fault.heals)
    outcome = Outcome(fault.name, fault.title, fault.aim, named, line.what, clicks, link, recovered, good)
    print(f"  {_line(outcome)}", flush=True)
    return outcome


def _watch_quiet(ledger: Ledger, airflow: AirflowApi, minutes: float) -> Quiet:
    """Read for so many minutes what is red though nobody did anything."""
    quiet, began, since = Quiet(minutes), time.monotonic(), datetime.now(UTC).isoformat()
    while time.monotonic() - began < minutes * 60:
        quiet.reds += [red for red in ledger.reds() if red not in quiet.reds]
        time.sleep(1.0)
    runs = airflow.dag_runs(state="failed", start_date_gte=since)
    quiet.failed_runs = [f"{run['dag_id']} {run['dag_run_id']}" for run in runs]
    print("\n".join(quiet.lines()), flush=True)
    return quiet


def _table(outcomes: list[Outcome], quiet: dict[str, Quiet]) -> Iterator[str]:
    yield ""
    yield _row("  故障", "第一行点名 秒", "目标 秒", "点击", "链接", "恢复 秒")
    for each in outcomes:
        yield _line(each)
        yield f"      {each.said}"
    for minutes in quiet.values():
        yield from minutes.lines()


def _line(outcome: Outcome) -> str:
    clicks = "–" if outcome.clicks is None else str(outcome.clicks)
    mark, link = "✓" if outcome.good else "✗", "有" if outcome.link else "–"
    named, aim, recovered = _seconds(outcome.named), f"{outcome.aim:.0f}", _seconds(outcome.recovered)
    return _row(f"{mark} {outcome.title}", named, aim, clicks, link, recovered)


def _row(first: str, *cells: str) -> str:
    return report.pad(first, 40) + "".join(report.pad(cell, 15) for cell in cells)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.night", description="一夜的故障：在浏览器里只看账本，测量多久点名、多久恢复，平静时有没有误报"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="名称", help="只做这些，例如 drop clickhouse_frozen")
    parser.add_argument("--fresh", type=float, default=0.0, metavar="分钟", help="先看这么多分钟：刚 make up 的系统")
    parser.add_argument("--calm", type=float, default=0.0, metavar="分钟", help="最后看这么多分钟：平静的系统")
    parser.add_argument("--pictures", type=Path, default=PICTURES, metavar="文件夹", help="截图放在哪里")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
