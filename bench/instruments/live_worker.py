"""One live process without Airflow: ``feed`` watches and pulls shift after shift as the DAG does, ``load`` loads what
lies in Kafka, ``reconcile`` compares every five minutes. Its task as JSON on standard input; it runs until ended."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from contextlib import ExitStack
from itertools import count

from bench.instruments.addresses import Address, connect, loader
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.letter_index import LetterIndex
from jst.control.plans import Plans
from jst.control.reconcile_state import ReconcileState
from jst.control.request_budget import PostgresBudget
from jst.control.token_store import PostgresTokens
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.errors import JstError, Misconfigured, Retry
from jst.flow.live.shift import Limits, PullShift
from jst.flow.live.watch import Watch
from jst.flow.pull import Puller
from jst.flow.reconcile.reread import Rereader
from jst.flow.reconcile.round import Reconcile
from jst.kafka.producer import CountingProducer
from jst.model.module import load_module
from local.process import die_with_parent

LOOK_EVERY, ROUND = 0.2, 300.0
log = logging.getLogger("bench")


def main() -> int:
    die_with_parent(os.getppid(), signal.SIGKILL)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    task = json.loads(sys.stdin.readline())
    address = Address(**task["address"])
    if task["role"] == "load":
        _load(address, task["module"])
    with ExitStack() as stack:
        feed = Feed(address, task, stack)
        if task["role"] == "reconcile":
            feed.reconcile(address)
        feed.run()
    return 0


def _load(address: Address, module: str) -> None:
    clock = SystemClock()
    while True:
        try:
            with loader(address, module) as loading:
                while True:
                    if not loading.load_waiting():
                        clock.sleep(LOOK_EVERY)
        except JstError as trouble:
            log.warning("%s", trouble)
            clock.sleep(5.0)  # as its task is tried again


class Feed:
    """What watch and pull of one module are, one run after the other."""

    def __init__(self, address: Address, task: dict[str, str], stack: ExitStack) -> None:
        self._module, self._clock = load_module(task["module"]), SystemClock()
        settings = Settings.from_connection(
            task["url"], None, None, task["key"], task["secret"], {"dialect": task["dialect"]}
        )
        self._database = database = stack.enter_context(Database(address.dsn))
        budget = PostgresBudget(database, settings.credential, self._clock)
        tokens = PostgresTokens(database, settings.credential, settings.app_secret, self._clock)
        self._client = stack.enter_context(Client(settings, budget, self._clock, tokens=tokens))
        self._producer, self._letters = CountingProducer(address.kafka), LetterIndex(database)
        self._plans, self._feeds, self._dag = Plans(database), Holds(database), f"jst_{self._module.name}"

    def run(self) -> None:
        for number in count(1):
            run_id = f"bench-{os.getpid()}-{number}"
            try:
                self._wait(run_id)
                puller = Puller(self._module, self._client, self._producer, self._plans, self._letters, self._clock)
                PullShift(puller, self._plans, self._feeds, self._clock, self._dag, run_id).run(Limits())
            except JstError as trouble:
                log.error("%s", trouble)
                hopeless = isinstance(trouble, Misconfigured)
                self._feeds.failed(self._module.name, run_id, str(trouble), hopeless=hopeless)

    def reconcile(self, address: Address) -> None:
        """What jst_reconcile does for the module, round after round."""
        module, state, warehouse = self._module, ReconcileState(self._database, self._module.name), connect(address)
        for number in count(1):
            began = self._clock.monotonic()
            try:
                with loader(address, module.name) as loading:
                    puller = Puller(module, self._client, self._producer, self._plans, self._letters, self._clock)
                    parts = self._plans, state, self._clock
                    mender = Rereader(puller, loading, warehouse, *parts, f"bench-{number}")
                    incidents = Incidents(self._database)
                    Reconcile(module, self._client, mender, warehouse, state, incidents, self._clock).run()
            except JstError as trouble:
                log.error("%s", trouble)
            self._clock.sleep(ROUND - (self._clock.monotonic() - began))

    def _wait(self, run_id: str) -> None:
        watch = Watch(self._module, self._client, self._plans, self._feeds, self._clock, self._dag, run_id)
        trouble, said = 0, ""
        while True:
            pause = watch.pace
            held = watch.held_back()
            if held is not None:
                if held[0] != said:
                    log.warning("%s", held[0])
                said, pause = held[0], min(held[1] + 0.1, 5.0)
            else:
                try:
                    if watch.news():
                        return
                    trouble = 0
                except Retry as error:
                    log.warning("%s", error)
                    trouble += 1
                    pause = min(30.0, 2.0 ** min(trouble, 5))
            self._clock.sleep(pause)


if __name__ == "__main__":
    raise SystemExit(main())
