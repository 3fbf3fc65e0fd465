"""Sixty days of an unlucky company: days that are late, killed tasks, clears, two schedulers; and what may be said."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bench.instruments.mortal_database import Killed
from bench.push.world import Days, Makings, push
from jst.clock import SHANGHAI
from jst.errors import Retry, Unproven
from jst.push.daily_push import Over, SlotStore
from jst.push.editions import Edition, load_push

NUMBER, FEASTS = 60, 3


class MovingClock:
    """A clock that the days move."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Run:
    """A run of the DAG: which step it is at. Clearing it begins anew."""

    edition: Edition
    on: date
    step: int = 0

    def turn(self, days: Days, slots: SlotStore, makings: Makings) -> None:
        """Do what a scheduler would do now; a killed task is begun again by the next turn."""
        try:
            edition = push(self.edition, self.on, days, slots, makings)
            if self.step == 0:
                edition.say_late()
                self.step = 1
            if self.step == 1 and edition.can_go():
                self.step = 2
            if self.step == 2:
                edition.send()
                self.step = 3
        except (Killed, Retry):
            return
        except (Over, Unproven):
            self.step = 3


class SixtyDays:
    """``truth``: day on which editions are due → when the day before was finished, None: never. ``blind``: days on
    which the first board has no picture. On ``FEASTS`` of them nothing goes out."""

    def __init__(self, seed: int, first: date, makings: Makings, channels: tuple[str, ...] = ()) -> None:
        """``channels``: instead of those of push.yaml."""
        self.chance, self.makings = random.Random(seed), makings
        feasts = tuple(first + timedelta(days=at) for at in self.chance.sample(range(NUMBER), FEASTS))
        self.editions = {
            name: replace(each, channels=channels or each.channels, not_on=feasts)
            for name, each in load_push().editions.items()
        }
        self.blind: set[date] = set()
        self.truth = {first + timedelta(days=at): self._finishing(first + timedelta(days=at)) for at in range(NUMBER)}
        self.clock = MovingClock(datetime.combine(first, time(8, 30), SHANGHAI))
        self.days = Days(self.clock)
        self.runs: list[Run] = []

    def _finishing(self, on: date) -> datetime | None:
        """Mostly in time, some late, some never."""
        kind = self.chance.random()
        if kind < 0.55:
            return datetime.combine(on, time(4, self.chance.randrange(60)), SHANGHAI)
        if kind < 0.9:
            return datetime.combine(on, time(8, 32), SHANGHAI) + timedelta(minutes=self.chance.randrange(300))
        return None

    def live(self, slots: SlotStore, calm: Callable[[bool], None], after: Callable[[], None]) -> None:
        """Let all days pass, ten minutes a turn. ``calm``: whether nothing is to be killed from now on; ``after``: is
        called after every turn."""
        for on, finished in self.truth.items():
            if finished:
                self.days.finished[on - timedelta(days=1)] = finished
            self.clock.at = start = datetime.combine(on, time(8, 30), SHANGHAI)
            due = [edition for edition in self.editions.values() if edition.is_due(on)]
            today = [Run(edition, on) for edition in due for _ in range(2)]  # two schedulers
            self.runs += today
            self.makings.no_picture = {"shops"} if self.chance.random() < 0.1 else set()
            self.blind |= {on} if self.makings.no_picture else set()
            calm(False)
            while self.clock.now() < start + timedelta(hours=4):
                for run in today:
                    run.turn(self.days, slots, self.makings)
                if self.runs and self.chance.random() < 0.1:  # a person clears a run, of today or of any day before
                    again = self.chance.choice(self.runs)
                    again.step = 0
                    again.turn(self.days, slots, self.makings)
                after()
                self.clock.sleep(600)
            calm(True)
            for run in today:
                run.turn(self.days, slots, self.makings)
            after()

    def wrong(self, name: str, on: date, kinds: Sequence[str]) -> list[str]:
        """Say what is wrong with what was said of an edition, in order: '' the edition, 'late', 'skipped'."""
        finished, edition = self.truth[on], self.editions[name]
        if not edition.is_due(on):
            return [f"{name} 不该在 {on} 发：{kinds}"] if kinds else []
        noon, at_ten = (datetime.combine(on, time(hour), SHANGHAI) for hour in (12, 10))
        wrong = [
            f"{name} {on} {kind or '图文'} 说了 {kinds.count(kind)} 次" for kind in set(kinds) if kinds.count(kind) > 1
        ]
        if kinds.count("") + kinds.count("skipped") != 1:
            wrong.append(f"{name} {on} 既没有发也没有说，或两样都有：{kinds}")
        if finished and finished < noon - timedelta(minutes=30) and "" not in kinds:
            wrong.append(f"{name} {on} 数据在 {finished:%H:%M} 就齐了，没有发：{kinds}")
        if (finished is None or finished > at_ten) and "late" not in kinds:
            wrong.append(f"{name} {on} 晚了没有说：{kinds}")
        if finished and finished < datetime.combine(on, time(8, 30), SHANGHAI) and "late" in kinds:
            wrong.append(f"{name} {on} 没有晚却说晚了：{kinds}")
        if "late" in kinds and kinds.index("late") != 0:
            wrong.append(f"{name} {on} 先到后说晚：{kinds}")
        return wrong
