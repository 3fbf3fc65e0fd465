"""The pulling and loading process: the first load of sale_out from an ERP, then ``{"rows": n}`` on standard output."""

from __future__ import annotations

import json
import sys

from bench.instruments.addresses import Address
from jst.control.watermarks import INITIAL_DAG
from jst.erp.connection_settings import Settings
from jst.flow.live.shift import Limits

NO_LIMIT = {"quotas": {"sale_out": 60_000}}


def main() -> int:
    address, url, key, secret = sys.stdin.read().splitlines()
    source = Settings.from_connection(url, None, None, key, secret, NO_LIMIT)
    with Address.read(address).parts(source) as parts:
        puller = parts.puller("sale_out")
        puller.feed.read_mark(puller.feed.closed_end())
        rows = parts.pull_shift("sale_out", INITIAL_DAG, "api").work_off(Limits(), "initial")["carried"]
        loader = parts.loader("sale_out")
        while loader.load_waiting():
            pass
    print(json.dumps({"rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
