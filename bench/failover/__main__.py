"""``python -m bench.failover``: exit code 0; 1 when a row was lost, an older state was shown, a pause exceeded ten
seconds, or the nodes are not equal to the truth at the end."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench.failover.drill import drill
from bench.failover.node_pair import NodePair
from local.instance import Instance
from local.layout import TOOLS, LocalError


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.failover", description="两个 ClickHouse 节点：装载中反复杀死或冻住正在服务的那个"
    )
    parser.add_argument("--times", type=int, default=20, metavar="次数", help="接替多少次，默认 20")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    options = parser.parse_args(arguments)
    home = TOOLS / "bench" / str(os.getpid())
    servers = Instance(home)
    pair = None
    try:
        pair = NodePair(servers, home / "second")
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
