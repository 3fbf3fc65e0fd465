"""The loading process: address on standard input, a line of JSON per load on standard output, until nothing waits."""

from __future__ import annotations

import json
import sys
import time

import psutil

from bench.instruments.addresses import Address, loader


def main() -> int:
    with loader(Address.read(sys.stdin.read())) as loading:
        process = psutil.Process()
        while True:
            records = loading.load_waiting()
            line = {"records": records, "at": time.monotonic(), "rss": process.memory_info().rss}
            print(json.dumps(line), flush=True)
            if not records:
                return 0


if __name__ == "__main__":
    raise SystemExit(main())
