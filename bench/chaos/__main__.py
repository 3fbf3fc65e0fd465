"""``python -m bench.chaos``: a round of kills in each dialect; ``bench.kills --worst-moments`` does it to a stack that
runs.

Exit code 0; 1 when something was lost, doubled or stale, did not come back or was not reached; 2 when it could not be
held.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path

import httpx

from bench.chaos import rounds
from bench.chaos.points import ROUND, deal
from bench.instruments.kill_result import Result
from local.instance import for_this_process
from local.layout import LocalError

say = partial(print, flush=True)
DIALECTS = ("gateway", "openapi")


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        results = list(_sessions(options))
    except (LocalError, httpx.HTTPError) as problem:
        say(f"✗ 中断：{problem}")
        return 2
    if options.json:
        facts = [asdict(result) for result in results]
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if all(result.good for result in results) else 1


def _sessions(options: argparse.Namespace) -> Iterator[Result]:
    for dialect in options.dialect:
        say(f"方言 {dialect}，种子 {options.seed}，{options.kills} 次 kill -9")
        with closing(for_this_process()) as servers:
            yield _told(rounds.run_rounds(servers, dialect, options.seed, deal(options.seed, options.kills), say))


def _told(result: Result) -> Result:
    for line in result.lines():
        say(line)
    return result


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench.chaos", description="在最坏的时刻反复 kill -9 任务进程与服务，然后冻结并逐行比较，两种方言"
    )
    parser.add_argument("--seed", type=int, default=1, help="决定杀谁、在哪一步、什么时刻（默认 1）")
    parser.add_argument("--kills", type=int, default=ROUND, help=f"每种方言杀多少次（默认 {ROUND}：一轮）")
    parser.add_argument("--dialect", nargs="+", choices=DIALECTS, default=list(DIALECTS), help="默认两种都做")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
