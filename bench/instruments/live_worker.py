"""One live process without Airflow: ``feed`` watches and pulls shift after shift as the DAG does, ``load`` loads what
lies in Kafka, ``reconcile`` compares every five minutes. Its task as JSON on standard input; it runs until ended."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from itertools import count

from bench.instruments.addresses import Address, loader
from jst.clock import SystemClock
from jst.erp.connection_settings import Settings
from jst.errors import JstError, Misconfigured, Retry
from jst.flow.live.shift import Limits
from jst.flow.live.watch import Watch
from local.services.process import die_with_parent

LOOK_EVERY, ROUND = 0.2, 300.0
log = logging.getLogger("bench")


def main() -> int:
    die_with_parent(os.getppid(), signal.SIGKILL)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    task = json.loads(sys.stdin.readline())
    address = Address(**task["address"])
    if task["role"] == "load":
        _load(address, task["module"])
    feed = LiveFeed(address, task)
    if task["role"] == "reconcile":
        feed.reconcile()
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


class LiveFeed:
    """What watch and pull of one module are, one run after the other."""

    def __init__(self, address: Address, task: dict[str, str]) -> None:
        self._address, self._module, self._dag_id = address, task["module"], f"jst_{task['module']}"
        self._settings = Settings.from_connection(
            task["url"], None, None, task["key"], task["secret"], {"dialect": task["dialect"]}
        )
        self._clock = SystemClock()

    def run(self) -> None:
        with self._address.parts(self._settings) as parts:
            for number in count(1):
                run_id = f"bench-{os.getpid()}-{number}"
                try:
                    self._wait(parts.watch(self._module, self._dag_id, run_id))
                    parts.live_shift(self._module, self._dag_id, run_id).run(Limits())
                except JstError as trouble:
                    log.error("%s", trouble)
                    hopeless = isinstance(trouble, Misconfigured)
                    parts.holds.failed(self._module, run_id, str(trouble), hopeless=hopeless)

    def reconcile(self) -> None:
        """Do what jst_reconcile does for the module, round after round."""
        for number in count(1):
            began = self._clock.monotonic()
            try:
                with self._address.parts(self._settings) as parts:
                    parts.reconcile(self._module, f"bench-{number}").run()
            except JstError as trouble:
                log.error("%s", trouble)
            self._clock.sleep(ROUND - (self._clock.monotonic() - began))

    def _wait(self, watch: Watch) -> None:
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
                    if watch.reason_to_start():
                        return
                    trouble = 0
                except Retry as error:
                    log.warning("%s", error)
                    trouble += 1
                    pause = min(30.0, 2.0 ** min(trouble, 5))
            self._clock.sleep(pause)


if __name__ == "__main__":
    raise SystemExit(main())
