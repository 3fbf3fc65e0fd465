"""A group as people see it while a simulation runs: the product's outbox and senders, and a robot's stand-in."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bench.instruments.messengers import Messengers
from bench.instruments.mortal_database import Killed, MortalDatabase
from jst.clock import Clock
from jst.control.database import Database
from jst.errors import JstError
from jst.messages.message_round import MessageRound
from jst.messages.outbox import Outbox
from jst.messages.robot import Addressee
from local.sandbox.messengers.room import Seen

FAULTS = ("drop_before", "drop_after", "http_500", "http_502_html", "not_json", "too_fast", "token", "sign", "ip")
SENDERS = 2
_DIES = 0.01
"""Share of a sender's transactions at which it dies."""
_KEPT = 1_000
"""Cards after which the stand-in is asked what it has seen: it keeps three times as many."""


class SenderClock:
    """The simulation's time for senders, who may run ahead of it while they wait for a robot's turn. The control
    database goes by its own clock: what it remembers moves into the past by as much."""

    def __init__(self, base: Clock, database: Database) -> None:
        self._base, self._database = base, database
        self._ahead = base.now()
        self._settled = base.now()

    def now(self) -> datetime:
        return max(self._base.now(), self._ahead)

    def timestamp(self) -> float:
        return self.now().timestamp()

    def monotonic(self) -> float:
        return self.timestamp()

    def sleep(self, seconds: float) -> None:
        self._ahead = self.now() + timedelta(seconds=max(0.0, seconds))
        self._pass_budget()

    def pass_time(self) -> None:
        """Let the outbox and the robot's budget know what time it is."""
        self._pass_budget()
        for column in ("due_at", "until"):
            self._database.rows(
                f"""UPDATE message SET {column} = clock_timestamp()
                    WHERE due_at IS NOT NULL AND {column} > clock_timestamp() AND {column} <= %(now)s""",
                now=self.now(),
            )

    def _pass_budget(self) -> None:
        passed, self._settled = (self.now() - self._settled).total_seconds(), self.now()
        if passed > 0:
            self._database.rows(
                """UPDATE budget SET next_at = next_at - %(passed)s * interval '1 second',
                          used = coalesce((SELECT jsonb_object_agg(key, value::float8 - %(passed)s)
                                           FROM jsonb_each_text(used)), '{}')""",
                passed=passed,
            )


class RobotGroup:
    """A robot's group and the processes that send to it, each of which may die at any transaction. What people saw is
    counted by the stand-in."""

    def __init__(self, dsn: str, base: Clock, chance: random.Random, channel: str) -> None:
        """Begin with an empty group. ``base``: the simulation's time, which lies in the future: the outbox does not
        send what is over."""
        self._chance, self._channel = chance, channel
        self._calm = Database(dsn)
        self.clock = SenderClock(base, self._calm)
        self.messengers = Messengers(self.clock.timestamp)
        self._connection = self.messengers.connection(f"{channel}_default")
        self._databases = [MortalDatabase(dsn, _DIES) for _ in range(SENDERS)]
        self._rounds = [self._round(database) for database in self._databases]
        self._seen: dict[int, Seen] = {}
        self._sent = 0
        self.faults: list[datetime] = []
        self.killed: list[datetime] = []

    def close(self) -> None:
        for each in self._rounds:
            each.close()
        self._calm.close()
        self.messengers.close()

    def send(self, *, dies: bool, fault: float = 0.0) -> bool:
        """Let each sender do its round, if anything waits; returns whether it did. ``dies``: a sender may; ``fault``:
        how likely the robot's next answer is a bad one."""
        if not self._calm.rows("SELECT 1 FROM message WHERE due_at IS NOT NULL LIMIT 1"):
            return False
        self.clock.pass_time()
        if self._chance.random() < fault:
            self.faults.append(self.clock.now())
            trouble = {"fault": self._chance.choice(FAULTS), "times": 1, "seconds": 0.1}
            self.messengers.faults(**{self._channel: trouble})
        for number, database in enumerate(self._databases):
            database.begin(self._chance if dies else None)
            try:
                for name in self._rounds[number].due():
                    self._sent += self._rounds[number].send(name)
            except Killed:
                self.killed.append(self.clock.now())
                self._rounds[number] = self._round(database)
            except JstError:
                continue
        if self._sent >= _KEPT:
            self.seen()
        return True

    def seen(self) -> list[Seen]:
        """List what people saw, in its order."""
        self._seen |= {each.number: each for each in self.messengers.seen(self._channel)}
        self._sent = 0
        return [self._seen[number] for number in sorted(self._seen)]

    def answers(self) -> Counter[str]:
        """Count the stand-in's answers by their codes."""
        return self.messengers.answers()

    def maybe(self) -> set[str]:
        """Return the titles of what is shown as 可能已发送."""
        return {each.message.title for each in Outbox(self._calm).listed("maybe_sent", most=9_999)}

    def _round(self, database: MortalDatabase) -> MessageRound:
        @contextmanager
        def place() -> Iterator[Any]:
            yield SimpleNamespace(database=database, clock=self.clock)

        return MessageRound(place, lambda _: self._connection, _people)


def _people(accounts: Sequence[str]) -> Sequence[Addressee]:
    return [Addressee(account, dingtalk_id=f"ou_{account}", feishu_id=f"ou_{account}") for account in accounts]
