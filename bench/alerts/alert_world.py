"""A world of subjects that go bad and recover, minute by minute, and evaluators that are killed at any line."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import psycopg2

from bench.instruments.moved_clock import MovedClock
from jst.alerts.alert_round import AlertRound
from jst.alerts.judge import Crossing
from jst.alerts.notices import Notices
from jst.alerts.rules import Bound, Rule, Rules, RuleValue
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.clock import SHANGHAI
from jst.control.alert_book import AlertBook
from jst.control.database import Cursor, Database
from jst.control.silences import Silences
from jst.metrics.catalogue import load_catalogue

T = TypeVar("T")
BEGIN = datetime(2026, 11, 2, 20, tzinfo=SHANGHAI)
LOOK_SECONDS = 10
FATES = ("before", "within", "after", "lost")
STOCK = load_catalogue().metrics["stock_qty"]


def stock_rule(name: str, **more: Any) -> Rule:
    """Return a rule: a product is sold out."""
    value = RuleValue(STOCK, "now", bound=Bound("<", Decimal(1)))
    return Rule(name, name, "warn", "feishu", "sellers", "补货", by=("sku_id",), values=(value,),
                every_seconds=LOOK_SECONDS, **more)  # fmt: skip


class Killed(BaseException):
    """The process is gone."""


class Mortal(Database):
    """Kills its process at one transaction: before it, within it, after its commit; or loses the answer to a commit."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.at, self.fate, self.done = -1, "", 0
        self.died: Counter[tuple[int, str]] = Counter()

    def doom(self, at: int, fate: str) -> None:
        self.at, self.fate, self.done = at, fate, 0

    def _once(self, work: Callable[[Cursor], T]) -> T:
        fate = self.fate if self.done == self.at else ""
        self.done += 1
        if fate == "before":
            self._die(fate)

        def within(cur: Cursor) -> T:
            answer = work(cur)
            if fate == "within":
                self._die(fate)
            return answer

        answer = super()._once(within)
        if fate == "after":
            self._die(fate)
        if fate == "lost":
            self.died[self.at, fate] += 1
            self.close()
            raise psycopg2.OperationalError("the answer is lost")
        return answer

    def _die(self, fate: str) -> None:
        self.died[self.at, fate] += 1
        raise Killed


@dataclass
class Episode:
    """A time in which a subject was bad."""

    rule: str
    subject: str
    began: datetime
    ended: datetime | None = None


@dataclass
class World:
    """What is bad now, by rule; and everything that ever was."""

    rng: random.Random
    rules: list[Rule]
    subjects: int
    bad: dict[tuple[str, str], Episode] = field(default_factory=dict)
    past: list[Episode] = field(default_factory=list)

    def move(self, now: datetime) -> None:
        """Let a minute pass: few subjects change, at times many at once."""
        flood = self.rng.random() < 0.002
        for rule in self.rules:
            for number in range(self.subjects):
                key = (rule.name, f"S{number}")
                chance = 0.3 if flood else 0.15 if key in self.bad else 0.04
                if self.rng.random() < chance:
                    self.toggle(key, now)

    def toggle(self, key: tuple[str, str], now: datetime) -> None:
        if (episode := self.bad.pop(key, None)) is not None:
            episode.ended = now
        else:
            self.bad[key] = Episode(*key, now)
            self.past.append(self.bad[key])

    def of(self, rule: Rule, now: datetime, as_of: datetime, known: Collection[str]) -> list[Crossing]:
        """Answer as ClickHouse would."""
        return [
            Crossing(subject, f"{subject}：{episode.began:%m-%d %H:%M:%S}", Decimal(0), (f"owner{subject[-1]}",))
            for (name, subject), episode in self.bad.items()
            if name == rule.name
        ]


class AlertSimulation:
    """Days of rules under a fake clock; each round may die, never two in a row."""

    def __init__(self, dsn: str, rng: random.Random, subjects: int = 12) -> None:
        self.rng, self.clock = rng, MovedClock(BEGIN)
        self.rules = [
            stock_rule("loud"),
            stock_rule("quiet", quiet=((time(22), time(7)),)),
            stock_rule("calm", calm_minutes=3),
        ]
        self.world = World(rng, self.rules, subjects)
        self.database = Mortal(dsn)
        self.silences = Silences(self.database)
        self.silenced: list[tuple[str, datetime, datetime]] = []
        self.rounds = self.kills = 0

    def evaluator(self) -> AlertRound:
        rules = Rules({rule.name: rule for rule in self.rules})
        book, notices = AlertBook(self.database), Notices(self.database, rules, "http://airflow")
        return AlertRound(rules, self.world, self.marks, book, notices, self.clock)

    def marks(self) -> DataMarks:
        now = self.clock.now()
        return DataMarks({"inventory": ModuleMark("inventory", now, now, "", None)})

    def run(self, minutes: int) -> None:
        evaluator, may_die = self.evaluator(), True
        for _ in range(minutes):
            self.world.move(self.clock.now())
            if self.rng.random() < 0.01:
                self._silence()
            for _ in range(60 // LOOK_SECONDS):
                dies = may_die and self.rng.random() < 0.1
                self.database.doom(self.rng.randrange(12) if dies else -1, self.rng.choice(FATES))
                self.rounds += 1
                may_die = True
                try:
                    evaluator.run()
                except Killed:
                    self.kills += 1
                    self.database.close()
                    evaluator, may_die = self.evaluator(), False
                self.clock.sleep(LOOK_SECONDS)
        self.database.doom(-1, "")

    def calm_down(self) -> None:
        """Let everything be well, until the quiet hours and every silence are over."""
        for key in list(self.world.bad):
            self.world.toggle(key, self.clock.now())
        evaluator = self.evaluator()
        for _ in range(4 * 24):
            evaluator.run()
            self.clock.sleep(15 * 60)

    def _silence(self) -> None:
        now, subject = self.clock.now(), f"S{self.rng.randrange(12)}"
        until = now + timedelta(minutes=self.rng.randrange(5, 240))
        self.database.doom(-1, "")
        self.silences.make("calm", subject, "盘点", "admin", now, until)
        self.silenced.append((subject, now, until))


@dataclass(frozen=True)
class Verdict:
    """What a simulation showed; every figure but the first three has to be 0, ``slowest`` is in seconds."""

    episodes: int
    incidents: int
    cards: int
    slowest: float
    missed: int
    opened_twice: int
    without_an_end: int
    ended_twice: int
    in_quiet_hours: int
    in_silence: int
    left_over: int


def judged(simulation: AlertSimulation) -> Verdict:
    """Compare what the outbox holds with what the world was like."""
    database = simulation.database
    incidents = database.rows("SELECT module, subject, opened_at, closed_at, said_at, what FROM incident")
    messages = database.rows("SELECT subject, slot, body->'lines' FROM message ORDER BY message_id")
    openings: Counter[tuple[str, str]] = Counter()
    endings: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], datetime] = {}
    quiet = silent = 0
    for subject, slot, lines in messages:
        rule, at = subject.split("/")[0], datetime.fromisoformat(slot)
        quiet += rule == "quiet" and (at.hour >= 22 or at.hour < 7)
        for line in (each.removeprefix("- ") for each in lines if each.startswith("- ")):
            if line.startswith("已恢复："):
                endings[rule, line.removeprefix("已恢复：").partition("，")[0]] += 1
                continue
            openings[rule, line] += 1
            said[rule, line] = at
            who = line.partition("：")[0]
            silent += rule == "calm" and any(
                who == subject and begin <= at < end for subject, begin, end in simulation.silenced
            )
    ended = Counter((rule, subject) for rule, subject, _, closed, told, _ in incidents if closed and told)
    missed, slowest = 0, 0.0
    for episode in simulation.world.past:
        line = f"{episode.subject}：{episode.began:%m-%d %H:%M:%S}"
        if (episode.rule, line) in said:
            if episode.rule == "loud":
                slowest = max(slowest, (said[episode.rule, line] - episode.began).total_seconds())
        elif episode.rule == "loud":  # it goes on with an incident that was not over yet: flapping is calmed
            missed += not any(
                (rule, subject) == ("loud", episode.subject) and opened < episode.began <= (closed or episode.began)
                for rule, subject, opened, closed, _, _ in incidents
            )
    return Verdict(
        episodes=len(simulation.world.past),
        incidents=len(incidents),
        cards=len(messages),
        slowest=slowest,
        missed=missed,
        opened_twice=sum(count - 1 for count in openings.values()),
        without_an_end=sum(max(0, count - endings[key]) for key, count in ended.items()),
        ended_twice=sum(max(0, count - ended[key]) for key, count in endings.items()),
        in_quiet_hours=quiet,
        in_silence=silent,
        left_over=database.rows("SELECT count(*) FROM incident WHERE settled_at IS NULL")[0][0],
    )
