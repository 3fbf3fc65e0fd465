"""The killing without Airflow: arm a strike, wait until it has struck, repair, wait until data flows, the next one."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

from bench.chaos.points import WORKER, Strike
from bench.chaos.scheduler import Scheduler, Sprung
from bench.chaos.servers import ChaosServers
from bench.instruments.addresses import connect
from bench.instruments.kill_result import Result, StrikeOutcome, unproven
from bench.instruments.sandbox_shop import SandboxShop
from jst.control.database import Database
from jst.control.mart_days import MartDays
from jst.warehouse.mart_tables import days_that_differ
from local.instance import Instance

REACH_SECONDS, FLOW_SECONDS, VERIFY_SECONDS, PROVE_SECONDS = 45.0, 60.0, 150, 30.0
_TOUCH_EVERY = 2.0
Say = Callable[[str], None]


def run_rounds(instance: Instance, dialect: str, seed: int, strikes: Sequence[Strike], say: Say) -> Result:
    """Strike on the servers of ``instance``, which are empty, then let everything run out and compare it; ``seed``
    decides when the source storms."""
    began = time.monotonic()
    result = Result(seed, dialect)
    with ExitStack() as stack:
        servers = stack.enter_context(closing(ChaosServers(instance, dialect, random.Random(seed))))
        shop = stack.enter_context(closing(SandboxShop(servers.environment)))
        scheduler = stack.enter_context(closing(Scheduler(servers.places, strikes, servers.home / "logs" / "tasks")))
        rounds = Rounds(servers, shop, scheduler, say)
        for strike in strikes:
            result.outcomes.append(rounds.strike(strike))
            say(result.outcomes[-1].line(strike.number, strikes[-1].number))
        result.verified = rounds.verify()
        result.unproven, result.letters = rounds.unproven()
        result.ends, result.trouble = scheduler.ends, scheduler.broken + rounds.marts()
    result.seconds = time.monotonic() - began
    return result


class Rounds:
    def __init__(self, servers: ChaosServers, shop: SandboxShop, scheduler: Scheduler, say: Say) -> None:
        self._servers, self._shop, self._scheduler, self._say = servers, shop, scheduler, say
        self._touched = 0.0

    def strike(self, strike: Strike) -> StrikeOutcome:
        began, note = time.monotonic(), self._servers.misbehave()
        self._shop.frozen(strike.point.needs == "sleep")
        if strike.point.needs == "bad":
            self._servers.put_bad_order()
        self._scheduler.arm(strike.number)
        sprung = self._until_sprung(strike)
        self._scheduler.arm(0)
        reached, killed = time.monotonic() - began, time.time()
        self._shop.frozen(False)
        facts = str(strike), strike.point.stage, strike.victim
        if sprung is None:
            return StrikeOutcome(*facts, None, note=note)
        back = self._mend(strike, sprung, killed)
        return StrikeOutcome(*facts, reached, back, self._flows(killed), note)

    def _until_sprung(self, strike: Strike) -> Sprung | None:
        give_up = time.monotonic() + REACH_SECONDS
        while time.monotonic() < give_up:
            for sprung in self._scheduler.turn(0.1):
                if sprung.number == strike.number:
                    return sprung
                sprung.go_on()
            if strike.point.needs != "sleep":
                self._nudge()
        return None

    def _mend(self, strike: Strike, sprung: Sprung, killed: float) -> float:
        if strike.victim == WORKER:
            return time.time() - killed  # the scheduler begins it again
        self._servers.kill(strike.victim)
        sprung.go_on()
        time.sleep(strike.down)
        self._servers.start(strike.victim)
        return time.time() - killed

    def _flows(self, since: float) -> float | None:
        """Seconds until every live table shows a change made after ``since``; what was killed is back already."""
        waiting, self._touched, give_up = set(self._shop.modules), 0.0, time.time() + FLOW_SECONDS
        while time.time() < give_up:
            for sprung in self._scheduler.turn(0.1):
                sprung.go_on()
            if time.time() - since > 1.0:
                self._nudge()
                waiting -= {module for module, newest in self._shop.newest().items() if newest >= int(since) + 1}
            if not waiting:
                return time.time() - since
        return None

    def _nudge(self) -> None:
        """News for the modules in which little happens."""
        if time.monotonic() - self._touched > _TOUCH_EVERY:
            self._touched = time.monotonic()
            self._servers.touch()

    def unproven(self) -> tuple[list[str], int]:
        """When what is just being refreshed has become proven."""
        give_up = time.monotonic() + PROVE_SECONDS
        while (found := unproven(self._servers.environment["JST_CONTROL_DSN"]))[0] and time.monotonic() < give_up:
            self._scheduler.turn(0.5)
        return found

    def marts(self) -> list[str]:
        """Return what is wrong with the marts when all marked days are refreshed; no search of all days helps them."""
        give_up, address = time.monotonic() + PROVE_SECONDS, self._servers.stores
        with Database(address.dsn) as database:
            waiting = MartDays(database).waiting
            while (left := waiting()) and time.monotonic() < give_up:
                self._scheduler.turn(0.5)
        client = connect(address)
        wrong = days_that_differ(client)
        client.disconnect()
        return [f"汇总表还在等：{list(left)}"] * bool(left) + [f"汇总表与宽表不一致：{day}" for day in wrong]

    def verify(self) -> int:
        """``make verify``'s own comparison of the frozen shop; the scheduler works on meanwhile."""
        command = [sys.executable, "-m", "local.verify", "--freeze", "--wait", str(VERIFY_SECONDS)]
        environment = {**os.environ, **self._servers.environment}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            while process.poll() is None:
                for sprung in self._scheduler.turn(0.1):
                    sprung.go_on()
            assert process.stdout is not None
            for line in process.stdout.read().decode().splitlines():
                self._say(f"  {line}")
        return process.returncode
