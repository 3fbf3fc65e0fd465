"""The pulling and loading process: the first load of sale_out from an ERP, then ``{"rows": n}`` on standard output."""

from __future__ import annotations

import json
import sys

from bench.instruments.addresses import Address, loader
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.letter_index import LetterIndex
from jst.control.plans import Plans
from jst.control.request_budget import PostgresBudget
from jst.control.watermarks import INITIAL_DAG
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.live.shift import Limits, PullShift
from jst.flow.pull import Puller
from jst.kafka.producer import CountingProducer
from jst.model.module import load_module

NO_LIMIT = {"quotas": {"sale_out": 60_000}}


def main() -> int:
    address, url, key, secret = sys.stdin.read().splitlines()
    place = Address.read(address)
    rows = _pull(place, Settings.from_connection(url, None, None, key, secret, NO_LIMIT))
    with loader(place) as loading:
        while loading.load_waiting():
            pass
    print(json.dumps({"rows": rows}))
    return 0


def _pull(address: Address, settings: Settings) -> int:
    clock, module, producer = SystemClock(), load_module("sale_out"), CountingProducer(address.kafka)
    with Database(address.dsn) as database:
        plans = Plans(database)
        with Client(settings, PostgresBudget(database, settings.credential, clock), clock) as client:
            puller = Puller(module, client, producer, plans, LetterIndex(database), clock)
            puller.feed.read_mark(puller.feed.closed_end())
            shift = PullShift(puller, plans, Holds(database), clock, INITIAL_DAG, "api")
            carried = shift.work_off(Limits(), "initial")["carried"]
    producer.close()
    return carried


if __name__ == "__main__":
    raise SystemExit(main())
