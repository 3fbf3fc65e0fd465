"""``python -m bench.partitions``: packets are dropped for a minute, nothing is refused; then it must flow, nothing be
lost and nothing doubled, and both sides must have said what is the matter.

On servers of its own, which it removes, as root (nftables). Exit code 0; 1 when something was not so; 2 when the cuts
could not be made.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from bench.failover.node_pair import NodePair
from bench.instruments.cut_network import MACHINE, CutNetwork
from bench.instruments.live_servers import LiveServers
from bench.partitions.feeds import FeedCuts
from bench.partitions.outcome import Outcome
from bench.partitions.pair import NAMES, PairCuts
from local.instance import Instance
from local.layout import TOOLS, LocalError
from local.verify.problem import CannotCompare

FEEDS = ("postgres", "kafka", "clickhouse", "erp", "machine")
LOGS = TOOLS / "bench" / "partitions"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    shutil.rmtree(LOGS, ignore_errors=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the network is mended also when this is ended
    outcomes, equal = list[Outcome](), True
    try:
        with CutNetwork() as network:
            if feeds := [name for name in FEEDS if name in options.only]:
                found, equal = _feeds(network, feeds, options)
                outcomes += found
            if pair := [name for name in NAMES if name in options.only]:
                outcomes += _pair(network, pair, options.seconds)
    except (LocalError, CannotCompare) as problem:
        print(f"✗ 中断：{problem}", file=sys.stderr)
        return 2
    if options.json:
        facts = [asdict(outcome) for outcome in outcomes]
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if equal and all(outcome.good for outcome in outcomes) else 1


def _feeds(network: CutNetwork, names: list[str], options: argparse.Namespace) -> tuple[list[Outcome], bool]:
    servers, outcomes = Instance(TOOLS / "bench" / str(os.getpid())), list[Outcome]()
    shop = ("--skus", "1000", "--orders-per-hour", str(options.orders_per_hour))
    try:
        with closing(LiveServers(servers, "gateway", LOGS, *shop)) as live:
            cuts = FeedCuts(servers, live, network, options.seconds)
            if problem := next(cuts.begin(), ""):
                raise LocalError(problem)
            for name in names:
                outcomes.append(cuts.cut(cuts.cuts()[name]))
                print("\n".join(outcomes[-1].lines()), flush=True)
            compared = live.compare()
    finally:
        servers.close()
    for findings in compared:
        print(f"{findings.table}：比较 {findings.records:,} 条，差异 {len(findings.first)}", flush=True)
    return outcomes, all(findings.clean for findings in compared)


def _pair(network: CutNetwork, names: list[str], seconds: float) -> list[Outcome]:
    home = TOOLS / "bench" / f"{os.getpid()}-pair"
    servers = Instance(home)
    own = os.getegid()
    try:
        with closing(NodePair(servers, home / "second")) as pair:
            os.setegid(MACHINE)  # the servers run: what this process opens from here on is the machine's
            return PairCuts(pair, network, seconds).run(names)
    finally:
        os.setegid(own)
        servers.close()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.partitions",
        description="网络逐段切断一分钟：不丢、不重、都说出来，多久恢复（root 与 nft，约 20 分钟）",
    )
    known = (*FEEDS, *NAMES)
    parser.add_argument("--only", nargs="+", default=known, choices=known, metavar="名称", help=f"只做这些：{known}")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="秒", help="切断多久，默认 60")
    parser.add_argument("--orders-per-hour", type=int, default=20_000, metavar="单数")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
