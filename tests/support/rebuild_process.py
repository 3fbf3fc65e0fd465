"""A replay as a process of its own, to be killed: addresses on standard input, run id as argument."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import clickhouse_driver

import jst.flow.replay.kafka_replay
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.load_lock import LoadLock
from jst.control.plans import Plans
from jst.control.replay_progress import ReplayLog
from jst.flow.load import Loader
from jst.flow.replay.kafka_replay import KafkaReplay
from jst.kafka.exact_reader import ExactReader
from jst.kafka.retained import retained
from jst.model.module import load_module


def rebuild(loader: Loader, database: Database, kafka: dict[str, Any], run_id: str) -> KafkaReplay:
    """As jst_rebuild makes it."""
    ask = partial(retained, kafka, loader.module.topic)
    return KafkaReplay(loader, ReplayLog(database), ask, SystemClock(), run_id)


def main() -> None:
    addresses = json.loads(sys.stdin.read())
    jst.flow.replay.kafka_replay.RECORDS_AT_ONCE = 60
    with Database(addresses["dsn"]) as database:
        client = clickhouse_driver.Client(**addresses["clickhouse"])
        lock = LoadLock(database, SystemClock())
        loader = Loader(
            load_module("sale_out"), ExactReader(addresses["kafka"]), client, Plans(database), Holds(database), lock,
            SystemClock(),
        )  # fmt: skip
        rebuild(loader, database, addresses["kafka"], sys.argv[1]).run(None, None)


if __name__ == "__main__":
    main()
