"""The pulling and loading process: the first load of sale_out from an ERP, then ``{"rows": n}`` on standard output."""

from __future__ import annotations

import json
import sys

from bench.instruments.addresses import Address
from jst.control.watermarks import INITIAL_DAG
from jst.erp.connection_settings import Settings

NO_LIMIT = {"quotas": {"sale_out": 60_000}}


def main() -> int:
    address, url, key, secret = sys.stdin.read().splitlines()
    source = Settings.from_connection(url, None, None, key, secret, NO_LIMIT)
    with Address.read(address).parts(source) as parts:
        worker = parts.plan_worker("sale_out", INITIAL_DAG, "api")
        worker.ensure_begun()
        rows = worker.work_off("initial")["carried"]
        loader = parts.loader("sale_out")
        while loader.load_waiting():
            pass
    print(json.dumps({"rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
