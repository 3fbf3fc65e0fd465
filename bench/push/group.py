"""What a group gets of sixty days: the real outbox and sender, a robot's stand-in, processes that die anywhere."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bench.instruments.messengers import Messengers
from bench.push.sixty_days import Killed, SixtyDays
from bench.push.world import OWNERS
from jst.clock import SystemClock
from jst.control.database import Cursor, Database
from jst.errors import JstError
from jst.messages.channels import channel
from jst.messages.outbox import Outbox
from jst.messages.robot import Addressee
from jst.messages.sender import Sender
from jst.push.day_text import span_words
from jst.push.editions import load_push
from jst.push.slots import Slots

CHANNEL = "feishu"
FAULTS = ("drop_before", "drop_after", "http_500", "http_502_html", "not_json", "too_fast", "token", "sign", "ip")
ENDINGS = {"": "", "late": " 晚了", "skipped": " 没有发出"}
T = TypeVar("T")


class DyingDatabase(Database):
    """Ends its process before or after a transaction; ``dies`` None: never."""

    dies: random.Random | None = None

    def transaction(self, work: Callable[[Cursor], T]) -> T:
        self._trap()
        answer = super().transaction(work)
        self._trap()
        return answer

    def _trap(self) -> None:
        if self.dies and self.dies.random() < 0.04:
            self.close()  # the session goes with the process, and its locks with it
            raise Killed


class PassingClock:
    """A clock whose waits are over at once: for the stand-in and for the robot's budget the time has passed, too."""

    def __init__(self, messengers: Messengers, database: Database) -> None:
        self._real, self._messengers, self._database = SystemClock(), messengers, database

    def now(self) -> datetime:
        return self._real.now() + timedelta(seconds=self._messengers.moved)

    def monotonic(self) -> float:
        return self._real.monotonic() + self._messengers.moved

    def sleep(self, seconds: float) -> None:
        self._messengers.moved += max(0.0, seconds)
        if seconds > 0:
            self._database.rows("DELETE FROM budget")


@dataclass
class Figures:
    """What the stand-in counted. ``lost``: editions and words that are shown as 可能已发送 and were not seen."""

    due: int
    seen: Counter[str]
    pictures: int
    maybe: int
    lost: int
    faults: int
    wrong: list[str]


class Group:
    """A group's robot, and two schedulers that send to it."""

    def __init__(self, dsn: str, messengers: Messengers, days: SixtyDays) -> None:
        self._messengers, self._days, self._chance = messengers, days, days.chance
        self.database, self._calm = DyingDatabase(dsn), Database(dsn)
        self.slots, self.faults = Slots(self.database), 0
        connection = messengers.connection(f"{CHANNEL}_default")
        clock = PassingClock(messengers, self._calm)
        self._senders = [
            Sender(self.database, channel(CHANNEL), lambda _: connection, _people, clock) for _ in range(2)
        ]

    def calm(self, is_calm: bool) -> None:
        """Let processes die, or not; a person has mended the robot, and minutes have passed."""
        self.database.dies = None if is_calm else self._chance
        if is_calm:
            self._messengers.faults()
            Outbox(self._calm).release(CHANNEL)

    def send(self) -> None:
        """Send what is due; in trouble now and then."""
        if self.database.dies and self._chance.random() < 0.3:
            self.faults += 1
            self._messengers.faults(**{CHANNEL: {"fault": self._chance.choice(FAULTS), "times": 1, "seconds": 0.1}})
        for sender in self._senders:
            try:
                sender.send_due()
            except (Killed, JstError):
                continue

    def figures(self) -> Figures:
        """Count what people saw, by the stand-in's own list."""
        seen, wrong, kinds = self._messengers.seen(CHANNEL), list[str](), Counter[str]()
        titles = [each.title for each in seen]
        maybe = {each.message.title for each in Outbox(self._calm).listed("maybe_sent", most=9_999)}
        due = lost = 0
        for on in self._days.truth:
            for name, edition in load_push().editions.items():
                begins = f"{edition.title} {span_words(edition.span(on))}"
                said = [title for title in titles if title.startswith(begins)]
                # what may have been sent counts as said where it was not seen: a person looks, and clicks
                unseen = [f"{begins}{end}" for end in ENDINGS.values() if f"{begins}{end}" in maybe - set(said)]
                order = [kind for title in said for kind, end in ENDINGS.items() if title == f"{begins}{end}"]
                kinds.update(order)
                due, lost = due + edition.is_due(on), lost + len(unseen)
                twice = [kind for kind in set(order) if order.count(kind) > 1]
                wrong += [f"{begins} {kind or '图文'} 出现 {order.count(kind)} 次" for kind in twice]
                if not unseen:
                    wrong += [each for each in self._days.wrong(name, on, order) if each not in wrong]
        wrong += [
            f"{each.title} 的 @ 不对：{each.called}"
            for each in seen
            if _is_text(each.text) and set(each.called) != _called()
        ]
        return Figures(due, kinds, sum(bool(each.picture) for each in seen), len(maybe), lost, self.faults, wrong)


def _is_text(text: str) -> bool:
    return "出库金额" in text


def _called() -> set[str]:
    return {f"ou_{account}" for accounts in OWNERS.values() for account in accounts}


def _people(accounts: Sequence[str]) -> Sequence[Addressee]:
    return [Addressee(account, feishu_id=f"ou_{account}") for account in accounts]
