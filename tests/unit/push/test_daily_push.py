"""One edition on one day, and sixty days of trouble: one picture a slot, one late word at most."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from bench.instruments.mortal_database import Killed
from bench.push.sixty_days import MovingClock, SixtyDays
from bench.push.world import ADDRESS, PNG, Days, Makings, push
from jst.clock import SHANGHAI
from jst.errors import Retry, Unproven
from jst.messages.message import Message
from jst.push.daily_push import DailyPush, Over
from jst.push.editions import Edition, load_push
from jst.push.picture_ways import Way

ON = date(2026, 11, 30)
YESTERDAY = date(2026, 11, 29)


class KeptSlots:
    """An outbox in memory, with the outbox's key. With ``dies`` each effect may end the process before or after it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.dies: random.Random | None = None

    def is_put(self, edition: Edition, day: date) -> bool:
        self._trap()
        return any((each.subject, each.slot) == (edition.name, day.isoformat()) for each in self.messages)

    def put(self, edition: Edition, day: date, messages: Sequence[Message], *, word: bool = False) -> bool:
        self._trap()
        there = {(each.channel, each.kind, each.subject, each.slot) for each in self.messages}
        if not (word and any(key[2:] == (edition.name, day.isoformat()) for key in there)):
            self.messages += [
                each for each in messages if (each.channel, each.kind, each.subject, each.slot) not in there
            ]
        self._trap()
        return True

    def _trap(self) -> None:
        if self.dies and self.dies.random() < 0.12:
            raise Killed


class World:
    def __init__(self, finished: str | None = "04:00", way: Way = "together") -> None:
        self.clock = MovingClock(datetime.combine(ON, time(8, 30), SHANGHAI))
        self.days, self.slots, self.makings = Days(self.clock), KeptSlots(), Makings(way)
        if finished:
            self.days.finished[YESTERDAY] = datetime.combine(ON, time.fromisoformat(finished), SHANGHAI)
        self.push = push(load_push().editions["daily"], ON, self.days, self.slots, self.makings)

    def subjects(self) -> list[str]:
        return [message.subject for message in self.slots.messages]


def test_a_finished_day_goes_out_with_pictures_text_owners_and_link() -> None:
    world = World()
    assert world.push.say_late() == []
    assert world.push.can_go()
    assert world.push.send()
    text, finance = world.slots.messages
    assert (text.subject, text.slot, text.kind, text.channel) == ("daily", "2026-11-29", "report", "dingtalk")
    assert text.title == "经营日报 11-29（周日）"
    assert text.until == datetime(2026, 11, 30, 12, 0, tzinfo=SHANGHAI)
    assert text.mentions == ("zhang.wei", "li.na", "wang.fang", "oncall")
    assert text.link == "https://airflow/jst/boards/shops?day=2026-11-29"
    assert (text.picture, text.picture_url) == (PNG, ADDRESS)
    assert (finance.subject, finance.picture, finance.lines, finance.mentions) == ("daily.finance", PNG, (), ())
    assert world.makings.taken == [("shops", {"day": ["2026-11-29"]}), ("finance", {"day": ["2026-11-29"]})]
    assert not world.push.send()
    assert len(world.slots.messages) == 2
    assert len(world.makings.taken) == 2  # no browser for what is there already


def test_a_late_day_says_which_module_why_and_since_when_and_follows() -> None:
    world = World(finished="09:40")
    assert [each.module for each in world.push.say_late()] == ["after_sale"]
    (word,) = world.slots.messages
    assert (word.subject, word.title, word.severity) == ("daily.late", "经营日报 11-29（周日） 晚了", "warning")
    assert word.lines == ("⚠ 售后：还没有日证书，自 11-30 01:30 起", "数据齐了马上补发，最晚到 12:00")
    assert not world.push.can_go()
    with pytest.raises(Retry, match="数据又不齐了"):
        world.push.send()
    world.clock.sleep(70 * 60)
    assert world.push.can_go()
    world.push.send()
    world.push.say_late()
    assert world.subjects() == ["daily.late", "daily", "daily.finance"]


def test_at_noon_it_is_of_no_use_and_the_group_hears_it_once() -> None:
    world = World(finished=None)
    world.push.say_late()
    world.clock.sleep(3.5 * 3600)
    for ask in (world.push.can_go, world.push.send, world.push.say_late):
        with pytest.raises(Over, match="到 12:00 没有发出：售后：还没有日证书") as over:
            ask()
        assert not over.value.is_past
    assert world.subjects() == ["daily.late", "daily.skipped"]
    assert world.slots.messages[1].title == "经营日报 11-29（周日） 没有发出"


def test_a_run_of_a_past_day_says_nothing() -> None:
    world = World()
    world.clock.sleep(86_400)
    with pytest.raises(Over) as over:
        world.push.say_late()
    assert over.value.is_past
    assert world.slots.messages == []


def test_without_a_picture_the_text_goes_with_the_reason_and_the_task_is_red() -> None:
    world = World()
    world.makings.no_picture = {"shops"}
    with pytest.raises(Unproven, match="以文字发出，缺 1 张图：面板“店铺”的图是空的"):
        world.push.send()
    text, finance = world.slots.messages
    assert (text.picture, text.picture_url) == (None, "")
    assert text.lines[-1] == "看板“店铺排行榜”的图没有生成：面板“店铺”的图是空的"
    assert finance.picture == PNG
    assert not world.push.send()


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("together", [("daily", True), ("daily.finance", True)]),
        ("apart", [("daily", False), ("daily.shops", True), ("daily.finance", True)]),
        ("none", [("daily", False)]),
    ],
)
def test_pictures_go_the_way_the_channel_shows_them(way: Way, expected: list[tuple[str, bool]]) -> None:
    world = World(way=way)
    world.push.send()
    assert [(message.subject, message.picture is not None) for message in world.slots.messages] == expected
    assert "**出库金额**" in world.slots.messages[0].lines[0]


def test_a_storage_that_refuses_costs_only_the_address() -> None:
    world = World()

    def refuse(png: bytes) -> str:
        raise OSError("AccessDenied")

    makers = replace(world.makings.makers(), publish=refuse)
    DailyPush(load_push(), load_push().editions["daily"], ON, world.days, world.slots, makers, world.clock).send()
    assert [(each.picture, each.picture_url) for each in world.slots.messages] == [(PNG, ""), (PNG, "")]


def kind_of(message: Message) -> str:
    """'' an edition, 'late', 'skipped', or 'more': a further picture of one."""
    _, _, kind = message.subject.partition(".")
    return kind if kind in ("", "late", "skipped") else "more"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_days_of_trouble(seed: int) -> None:
    world, slots, wrong = SixtyDays(seed, date(2026, 11, 1), Makings()), KeptSlots(), list[str]()

    def calm(is_calm: bool) -> None:
        slots.dies = None if is_calm else world.chance

    world.live(slots, calm, lambda: None)
    for on in world.truth:
        for name, edition in world.editions.items():
            slot = edition.span(on).last.isoformat()
            said = [each for each in slots.messages if each.slot == slot and each.subject.split(".")[0] == name]
            wrong += world.wrong(name, on, [kind_of(each) for each in said if kind_of(each) != "more"])
            assert all(
                each.mentions == ("zhang.wei", "li.na", "wang.fang", "oncall") for each in said if each.subject == name
            )
    assert wrong == []
    kinds = Counter(map(kind_of, slots.messages))
    assert min(kinds[""], kinds["late"], kinds["skipped"]) >= 5
