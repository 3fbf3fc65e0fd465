"""A world of subjects that go bad and recover, minute by minute; evaluators and senders are killed anywhere."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bench.instruments.mortal_database import Killed, MortalDatabase
from bench.instruments.moved_clock import MovedClock
from bench.instruments.robot_group import RobotGroup
from jst.alerts.alert_round import AlertRound
from jst.alerts.judge import Crossing
from jst.alerts.notices import Notices
from jst.alerts.rules import Bound, Rule, Rules, RuleValue
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.clock import SHANGHAI
from jst.control.alert_book import AlertBook
from jst.control.silences import Silences
from jst.metrics.catalogue import load_catalogue

LOOK_SECONDS = 10
QUIET = (time(22), time(7))
DIES = 0.03
"""Share of an evaluator's transactions at which it dies."""
FAULT = 0.003
"""How likely a robot answers badly."""
STOCK = load_catalogue().metrics["stock_qty"]


def stock_rule(name: str, channel: str = "feishu", **more: Any) -> Rule:
    """Return a rule: a product is sold out."""
    value = RuleValue(STOCK, "now", bound=Bound("<", Decimal(1)))
    return Rule(name, name, "warn", channel, "sellers", "补货", by=("sku_id",), values=(value,),
                every_seconds=LOOK_SECONDS, **more)  # fmt: skip


def begin() -> datetime:
    """Return an evening in the future: the outbox goes by the server's clock, and does not send what is over."""
    return datetime.combine(datetime.now(SHANGHAI).date() + timedelta(days=1), time(20), SHANGHAI)


@dataclass
class Episode:
    """A time in which a subject was bad."""

    rule: str
    subject: str
    began: datetime
    ended: datetime | None = None

    @property
    def line(self) -> str:
        """What an incident says that it opened."""
        return f"{self.subject}：{self.began:%m-%d %H:%M:%S}"


@dataclass
class World:
    """What is bad now, by rule; and everything that ever was. A subject concerns one or two of ``owners`` accounts."""

    chance: random.Random
    rules: list[Rule]
    subjects: int
    owners: int = 10
    moved: datetime = field(default_factory=begin)
    bad: dict[tuple[str, str], Episode] = field(default_factory=dict)
    past: list[Episode] = field(default_factory=list)

    def move(self, now: datetime) -> None:
        """Let a minute pass: few subjects change, at times many at once."""
        flood = self.chance.random() < 0.002
        for rule in self.rules:
            for number in range(self.subjects):
                key = (rule.name, f"S{number}")
                likely = 0.3 if flood else 0.15 if key in self.bad else 0.04
                if self.chance.random() < likely:
                    self.toggle(key, now)

    def toggle(self, key: tuple[str, str], now: datetime) -> None:
        self.moved = now
        if (episode := self.bad.pop(key, None)) is not None:
            episode.ended = now
        else:
            self.bad[key] = Episode(*key, now)
            self.past.append(self.bad[key])

    def owners_of(self, subject: str) -> tuple[str, ...]:
        first, number = int(subject[1:]) % self.owners, int(subject[1:])
        both = (first, (first + 1) % self.owners) if number % 4 == 0 else (first,)
        return tuple(f"owner{each}" for each in both)

    def of(self, rule: Rule, now: datetime, as_of: datetime, known: Collection[str]) -> list[Crossing]:
        """Answer as ClickHouse would."""
        return [
            Crossing(subject, episode.line, Decimal(0), self.owners_of(subject))
            for (name, subject), episode in self.bad.items()
            if name == rule.name
        ]

    def marks(self) -> DataMarks:
        return DataMarks({"inventory": ModuleMark("inventory", self.moved, self.moved, "", None)})


class AlertSimulation:
    """Days of rules under a fake clock; each look may die, never two in a row."""

    def __init__(
        self, dsn: str, chance: random.Random, subjects: int = 12, owners: int = 10, channel: str = "feishu"
    ) -> None:
        self.chance, self.clock = chance, MovedClock(begin())
        self.rules = [
            stock_rule("loud", channel),
            stock_rule("quiet", channel, quiet=(QUIET,)),
            stock_rule("calm", channel, calm_minutes=3),
        ]
        self.world = World(chance, self.rules, subjects, owners)
        self.database = MortalDatabase(dsn, DIES)
        self.group = RobotGroup(dsn, self.clock, chance, channel)
        self.silences: list[tuple[str, datetime, datetime]] = []
        self.looks = self.kills = 0
        self._evaluator, self._may_die = self.evaluator(), True

    def close(self) -> None:
        self.database.close()
        self.group.close()

    def evaluator(self) -> AlertRound:
        rules = Rules({rule.name: rule for rule in self.rules})
        book, notices = AlertBook(self.database), Notices(self.database, rules, "http://airflow")
        return AlertRound(rules, self.world, self.world.marks, book, notices, self.clock)

    def run(self, minutes: int) -> None:
        """Let minutes pass: data move just after a look."""
        for _ in range(minutes):
            self.world.move(self.clock.now())
            if self.chance.random() < 0.01:
                self._silence()
            for _ in range(60 // LOOK_SECONDS):
                self.clock.sleep(LOOK_SECONDS)
                self.look()
                self.group.send(dies=True, fault=FAULT)

    def look(self, *, dies: bool = True) -> None:
        """Look once."""
        self.database.begin(self.chance if dies and self._may_die else None)
        self.looks += 1
        self._may_die = True
        try:
            self._evaluator.run()
        except Killed:
            self.kills += 1
            self._evaluator, self._may_die = self.evaluator(), False

    def calm_down(self) -> None:
        """Let everything be well, until the quiet hours and every silence are over."""
        for key in list(self.world.bad):
            self.world.toggle(key, self.clock.now())
        self.group.messengers.faults()
        for _ in range(2 * 24 * 12):
            self.clock.sleep(5 * 60)
            self.look(dies=False)
            self.group.send(dies=False)

    def _silence(self) -> None:
        now, subject = self.clock.now(), f"S{self.chance.randrange(self.world.subjects)}"
        until = now + timedelta(minutes=self.chance.randrange(5, 240))
        self.database.begin(None)
        Silences(self.database).make("calm", subject, "盘点", "admin", now, until)
        self.silences.append((subject, now, until))
