"""``python -m bench.upgrade``: live feeds of an older commit, the tables of this one beneath them, then their processes
replaced one by one while the shop sells on; at the end every table is compared with the source.

Where this version makes versions of rows by another rule (docs/decisions/0061), all workers have to stop first, and so
they do. Airflow is not among what is replaced: its parts hold no data of ours.

Starts servers of its own and removes them. Exit code 0; 1 when data did not flow again in time or the tables are not
equal; 2 when it could not be held.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path

from bench.instruments.flowing import Flows, in_time, in_words, until_flowing
from bench.instruments.live_servers import LiveServers
from bench.instruments.live_tables import LIVE
from bench.upgrade.older_version import OlderVersion
from jst.control.load_lock import VERSION_RULE
from local import report
from local.instance import Instance
from local.layout import TOOLS, LocalError
from local.verify.problem import CannotCompare

BEFORE = "cc03c61"
"""Before metrics, backups and checks of tables."""
LIMIT, FIRST = 60.0, 300.0
"""Seconds until data must flow after a process was replaced; and from the very beginning."""
ROLES = ("load", "feed")
HOME = TOOLS / "bench" / "upgrade"


@dataclass(frozen=True, slots=True)
class Stage:
    """What was done, and how soon after it data flowed, which may take ``limit`` seconds."""

    title: str
    flows: Flows
    limit: float

    @property
    def good(self) -> bool:
        return in_time(self.flows, self.limit)

    def line(self) -> str:
        return f"  {'✓' if self.good else '✗'} {report.pad(self.title, 34)}之后数据流动 {in_words(self.flows)}"


@dataclass(slots=True)
class Upgrade:
    """``compared``: table → records; ``different``: table → differences."""

    older: str
    migrations: list[str]
    stages: list[Stage] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)
    different: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return all(each.good for each in self.stages) and not self.different

    def lines(self) -> Iterator[str]:
        yield f"{self.older} → 现在，{len(self.migrations)} 个新的迁移：{'、'.join(self.migrations)}"
        yield from (each.line() for each in self.stages)
        tables = "，".join(f"{table} {records:,} 条" for table, records in self.compared.items())
        yield f"{'✓' if self.good else '✗'} 冻结后与源端逐行比较：{tables}；不同：{self.different or '无'}"


class OlderLive(LiveServers):
    """Live feeds whose databases are the older version's at first."""

    def __init__(self, servers: Instance, older: OlderVersion, options: argparse.Namespace) -> None:
        self._older = older
        shop = ("--skus", "1000", "--orders-per-hour", str(options.orders_per_hour))
        super().__init__(servers, options.dialect, HOME / "logs", *shop)

    def make_tables(self) -> None:
        self._older.make_tables(self.environment)

    def update_tables(self) -> None:
        super().make_tables()


class Roll:
    def __init__(self, live: OlderLive, older: OlderVersion, beside: float) -> None:
        self._live, self._older, self._beside = live, older, beside
        self.found = Upgrade(older.name, older.missing_migrations())

    def run(self) -> Upgrade:
        for role in ROLES:
            self._live.start(role, root=self._older.root)
        self._live.plant_return()
        self._stage("旧版本", FIRST)
        if self._older.version_rule == VERSION_RULE:
            self._beside_the_new_tables()
            for role, module in product(ROLES, LIVE):
                self._live.kill(role, module)
                self._live.start(role, [module])
                self._stage(f"{role} {module} 换成新版本")
        else:
            self._all_at_once()
        for findings in self._live.compare():
            self.found.compared[findings.table] = findings.records
            if not findings.clean:
                self.found.different[findings.table] = sum(findings.kinds.values())
        return self.found

    def _beside_the_new_tables(self) -> None:
        self._live.update_tables()
        self._stage("旧进程，新库表")
        time.sleep(self._beside)
        self._stage(f"同上，{self._beside:.0f} 秒之后")

    def _all_at_once(self) -> None:
        rules = f"旧 {self._older.version_rule}，新 {VERSION_RULE}"
        print(f"  版本规则变了（{rules}，docs/decisions/0061）：新旧进程不能并存，全部先停", flush=True)
        for role in ROLES:
            self._live.kill(role)
        self._live.update_tables()
        for role in ROLES:
            self._live.start(role)
        self._stage("全部换成新版本")

    def _stage(self, title: str, limit: float = LIMIT) -> None:
        self.found.stages.append(Stage(title, until_flowing(self._live.environment, time.time()), limit))
        print(self.found.stages[-1].line(), flush=True)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    shutil.rmtree(HOME, ignore_errors=True)
    servers = Instance(TOOLS / "bench" / str(os.getpid()))
    try:
        older = OlderVersion(options.before, HOME / "older")
        with closing(OlderLive(servers, older, options)) as live:
            found = Roll(live, older, options.beside).run()
    except (LocalError, CannotCompare) as problem:
        print(f"✗ 中断：{problem}", file=sys.stderr)
        return 2
    finally:
        servers.close()
    print("\n".join(found.lines()))
    if options.json:
        options.json.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if found.good else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.upgrade", description="滚动升级：旧版本在新库表上继续，再逐个换成新版本，最后逐行比较（约 5 分钟）"
    )
    parser.add_argument("--before", default=BEFORE, metavar="提交", help=f"从哪个提交升级，默认 {BEFORE}")
    parser.add_argument("--dialect", default="gateway", choices=("gateway", "openapi"))
    parser.add_argument("--beside", type=float, default=60.0, metavar="秒", help="旧进程在新库表上跑多久，默认 60")
    parser.add_argument("--orders-per-hour", type=int, default=20_000, metavar="单数")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
