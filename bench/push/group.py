"""What a group gets of sixty days: the real outbox and sender, a robot's stand-in, processes that die anywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, time

from bench.instruments.mortal_database import MortalDatabase
from bench.instruments.robot_group import RobotGroup
from bench.push.sixty_days import SixtyDays
from bench.push.world import OWNERS
from jst.boards.board_spec import load_boards
from jst.push.day_text import span_words
from jst.push.editions import Edition
from jst.push.slots import Slots
from local.sandbox.messengers.room import Seen

CHANNEL = "feishu"
DIES, FAULT = 0.03, 0.3
MENDED = time(11, 20)
"""From then on the robot answers well: what is not sent by noon is of no use any more."""
ENDINGS = {"": "", "late": " 晚了", "skipped": " 没有发出"}


@dataclass
class Figures:
    """What the stand-in counted. ``lost``: editions and words that are shown as 可能已发送 and were not seen."""

    due: int
    seen: Counter[str]
    pictures: int
    maybe: int
    lost: int
    faults: int
    killed: int
    wrong: list[str]


class PushGroup:
    """A group's robot, and two schedulers that send to it."""

    def __init__(self, dsn: str, days: SixtyDays) -> None:
        self._days, self._is_calm = days, True
        self.robot = RobotGroup(dsn, days.clock, days.chance, CHANNEL)
        self.database = MortalDatabase(dsn, DIES)
        self.slots = Slots(self.database)

    def close(self) -> None:
        self.database.close()
        self.robot.close()

    def calm(self, is_calm: bool) -> None:
        """Let processes die, or not."""
        self._is_calm = is_calm
        self.database.begin(None if is_calm else self._days.chance)

    def send(self) -> None:
        """Send what is due; in trouble now and then."""
        is_mended = self._days.clock.now().time() >= MENDED
        if is_mended:
            self.robot.messengers.faults()
        self.robot.send(dies=not self._is_calm, fault=0.0 if is_mended else FAULT)

    def figures(self) -> Figures:
        """Count what people saw, by the stand-in's own list."""
        seen, kinds = self.robot.seen(), Counter[str]()
        titles, maybe = Counter(each.title for each in seen), self.robot.maybe()
        wrong = [f"{title} 出现 {count} 次" for title, count in titles.items() if count > 1]
        due = lost = 0
        for on in self._days.truth:
            for edition in self._days.editions.values():
                begins = f"{edition.title} {span_words(edition.span(on))}"
                order = [
                    kind for each in seen for kind, end in ENDINGS.items() if each.title == f"{begins}{end}"
                ]  # fmt: skip
                # what may have been sent counts as said where it was not seen: a person looks, and clicks
                unseen = [end for end in ENDINGS.values() if f"{begins}{end}" in maybe and not titles[f"{begins}{end}"]]
                kinds.update(order)
                due, lost = due + edition.is_due(on), lost + len(unseen)
                if not unseen:
                    wrong += self._days.wrong(edition.name, on, order)
                if "" in order:
                    wrong += self._pictures(edition, on, seen, maybe)
        wrong += [
            f"{each.title} 的 @ 不对：{each.called}"
            for each in seen
            if "出库金额" in each.text and set(each.called) != _called()
        ]
        killed = sum(self.database.died.values()) + len(self.robot.killed)
        pictures = sum(bool(each.picture) for each in seen)
        return Figures(due, kinds, pictures, len(maybe), lost, len(self.robot.faults), killed, wrong)

    def _pictures(self, edition: Edition, on: date, seen: list[Seen], maybe: set[str]) -> list[str]:
        """Say which pictures of an edition that people saw are not there."""
        words = span_words(edition.span(on))
        first, *more = edition.boards
        (text,) = [each for each in seen if each.title == f"{edition.title} {words}"][:1]
        wrong = []
        if bool(text.picture) == (first == "shops" and on in self._days.blind):
            wrong.append(f"{text.title} 的图不对：{text.picture}")
        there = maybe | {each.title for each in seen if each.picture}
        titles = [f"{load_boards()[board].title['zh']} {words}" for board in more]
        return wrong + [f"{title} 没有" for title in titles if title not in there]


def _called() -> set[str]:
    return {f"ou_{account}" for accounts in OWNERS.values() for account in accounts or ("oncall",)}
