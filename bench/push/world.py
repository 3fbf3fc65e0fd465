"""What an edition of the push is made of, without servers: days that finish when one says, figures, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from jst.clock import SHANGHAI, Clock
from jst.errors import Retry
from jst.push.daily_push import DailyPush, Makers, Query, SlotStore
from jst.push.day_figures import EditionFigures, Found
from jst.push.editions import Edition, Span, load_push
from jst.push.picture import Picture
from jst.push.picture_ways import Way
from jst.push.readiness import Missing

PNG, ADDRESS = b"\x89PNG of a board", "https://cdn/x.png"
OWNERS = {101: ("zhang.wei",), 102: ("li.na", "wang.fang"), 103: ()}


class Days:
    """The state of business days: each is finished at a moment, or never."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.finished: dict[date, datetime] = {}

    def missing(self, day: date) -> list[Missing]:
        finished = self.finished.get(day)
        if finished is not None and self.clock.now() >= finished:
            return []
        return [Missing("after_sale", "售后", "还没有日证书", datetime(2026, 11, 30, 1, 30, tzinfo=SHANGHAI))]

    def unproven(self, days: Sequence[date]) -> list[str]:
        return [f"{day:%m-%d}（售后）" for day in days if self.missing(day)]

    def as_of(self) -> datetime:
        return self.clock.now()


class Makings:
    """What makes editions; ``no_picture``: boards of which none can be taken."""

    def __init__(self, way: Way = "together") -> None:
        self.no_picture: set[str] = set()
        self.taken: list[tuple[str, Query]] = []
        self.way = way

    def makers(self) -> Makers:
        return Makers(
            figures=self.figures, picture=self.picture, publish=lambda png: ADDRESS, way=lambda name: self.way,
            owners=lambda shop: OWNERS.get(shop, ()), boards="https://airflow",
        )  # fmt: skip

    def figures(self, edition: Edition, span: Span, compared: Sequence[Span], as_of: datetime) -> EditionFigures:
        values = {code: Decimal(1200) for code in edition.metrics} | {"after_sale_rate": Decimal("0.031")}
        before = {code: Decimal(1000) for code in edition.metrics} | {"after_sale_rate": Decimal("0.027")}
        rate = edition.unusual[0]
        found = [Found(rate, shop, Decimal("0.071"), None, 120) for shop in (101, 102, 103)]
        return EditionFigures(
            values, [(each, before) for each in compared], found, {101: "云杉天猫旗舰店", 102: "乙店"}
        )

    def picture(self, board: str, viewer: str, query: Query, since: datetime) -> Picture:
        assert viewer == "push"
        self.taken.append((board, query))
        if board in self.no_picture:
            raise Retry("面板“店铺”的图是空的", do="打开这个看板看它说什么")
        return Picture(PNG, since + timedelta(hours=8), 3.0)


def push(edition: Edition, on: date, days: Days, slots: SlotStore, makings: Makings) -> DailyPush:
    """Build an edition that is due on a day."""
    return DailyPush(load_push(), edition, on, days, slots, makings.makers(), days.clock)
