"""A day from midnight to midnight on a fake clock and a real ClickHouse: late sources, missing hours, an outage.

What is published from incomplete data says so, and what was missed is made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.errors import Retry
from jst.forecast.history import Amounts, Series, midnight
from jst.forecast.promos import Promos
from jst.forecast.prophet_model import Model
from jst.forecast.sales_forecast import ForecastOutcome, SalesForecast
from jst.metrics.catalogue import Period, load_catalogue
from jst.model.certificate import Certificate
from jst.warehouse.cluster import SingleNode
from tests.support.control_fixture import database
from tests.support.sold_days import NO_PROMOS
from tests.support.warehouse_fixtures import client

__all__ = ["client", "database"]
pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]

START, TODAY = date(2026, 3, 1), date(2026, 3, 24)
TOMORROW = TODAY + timedelta(days=1)
SHOPS = {101: ("天猫", 240), 102: ("京东", 120), 103: ("天猫", 24)}
"""Platform and yuan a day; at weekends twice as much, in the evening hours three times an hour of the others."""
TABLES = ("dws.dws_shop_hour", "dws.dws_shop_hour_forecast", "ops.forecast_candidate")


def sold(shop: int, day: date, hour: int) -> Decimal:
    parts = 3 if hour >= 20 else 1
    return Decimal(SHOPS[shop][1] * (2 if day.weekday() >= 5 else 1) * parts) / 32


@dataclass
class Day:
    """The forecast's two servers and its clock."""

    database: Database
    client: Client
    now: datetime = datetime(2026, 3, 24, tzinfo=SHANGHAI)
    model: Callable[[], Model | None] = lambda: None
    promos: Promos = NO_PROMOS
    monotonic = staticmethod(lambda: 0.0)
    sleep = staticmethod(lambda _: None)

    def sell(self, day: date, hours: range, times: int = 1) -> None:
        rows = [
            (
                day,
                shop,
                hour,
                f"店 {shop}",
                SHOPS[shop][0],
                500 if shop < 103 else 5,
                sold(shop, day, hour) * times,
                times,
            )
            for shop in SHOPS
            for hour in hours
        ]
        columns = "biz_day, shop_id, biz_hour, shop_name, platform, out_order_count, out_amount, version"
        self.client.execute(f"INSERT INTO dws.dws_shop_hour ({columns}) VALUES", rows)

    def complete(self, until: str, day: date = TODAY, start: date = START) -> None:
        """Let all from ``start`` until then be proven."""
        moment = datetime.fromisoformat(f"{day}T{until}").replace(tzinfo=SHANGHAI)
        for kind, value in (("start", midnight(start)), ("complete", moment)):
            self.database.rows(
                """INSERT INTO watermark (module, kind, value) VALUES ('sale_out', %(kind)s, %(value)s)
                   ON CONFLICT (module, kind) DO UPDATE SET value = excluded.value""",
                kind=kind, value=value,
            )  # fmt: skip

    def run(self, at: str, day: date = TODAY, warehouse: Any = None) -> ForecastOutcome | None:
        moment = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=SHANGHAI)
        clock: Any = type(
            "Stopped", (), {"now": lambda _: moment, "monotonic": lambda _: 0.0, "sleep": lambda *_: None}
        )()
        outcome = SalesForecast(self.database, warehouse or self.client, clock, self.promos, self.model).run()
        self._never_without_its_mark(moment)
        return outcome

    def _never_without_its_mark(self, now: datetime) -> None:
        """Whatever stands there for today was made from all full hours until it was made, or says that it was not."""
        for origin, until, incomplete, note in self.client.execute(
            "SELECT DISTINCT origin, data_until, is_incomplete, note FROM dws.dws_shop_hour_forecast FINAL"
            " WHERE biz_day = %(day)s", {"day": now.date()},
        ):  # fmt: skip
            full = origin.replace(minute=0, second=0)
            assert (until < full) <= bool(incomplete), f"{origin}: {note}"
            assert bool(incomplete) == ("数据不全" in note), note

    def hours(self, day: date = TODAY, shop: int = 0) -> list[Decimal]:
        rows = self.client.execute(
            "SELECT sum(out_amount) FROM dws.dws_shop_hour_forecast FINAL WHERE biz_day = %(day)s"
            " AND (shop_id = %(shop)s OR %(shop)s = 0) GROUP BY biz_hour ORDER BY biz_hour", {"day": day, "shop": shop},
        )  # fmt: skip
        return [amount for (amount,) in rows]

    def note(self) -> str:
        ((note,),) = self.client.execute(
            "SELECT DISTINCT note FROM dws.dws_shop_hour_forecast FINAL WHERE biz_day = %(day)s", {"day": TODAY}
        )
        return str(note)

    def said(self, day: date = TODAY) -> list[tuple[Any, ...]]:
        """What stands written of a midnight, with its version."""
        rows = self.client.execute(
            "SELECT series, method, chosen, amounts, data_until, is_incomplete, is_backtest, actual_amounts, version"
            " FROM ops.forecast_candidate FINAL WHERE biz_day = %(day)s ORDER BY series, method", {"day": day},
        )  # fmt: skip
        return list(rows)

    def metric(self, code: str, day: date, by: tuple[str, ...] = ()) -> Any:
        as_of = datetime(2026, 3, 25, 0, 10, tzinfo=SHANGHAI)
        question = load_catalogue().question(code, Period(day, day, as_of), by)
        rows = self.client.execute(question.sql, question.parameters)
        return {row[0]: row[1] for row in rows} if by else rows[0][0]


@pytest.fixture
def day(database: Database, client: Client) -> Day:
    """Twenty-three days that were sold, and today so far not."""
    for table in TABLES:
        client.execute(f"TRUNCATE TABLE {table}")
    day = Day(database, client)
    for n in range((TODAY - START).days):
        day.sell(START + timedelta(days=n), range(24))
    return day


def expected(times: float = 1.0) -> list[Decimal]:
    """What an ordinary weekday sells by the hour, of all shops."""
    return [
        (Decimal(str(times)) * Decimal(384) * (3 if hour >= 20 else 1) / 32).quantize(Decimal("0.01"))
        for hour in range(24)
    ]


def test_a_day_from_midnight_to_midnight(day: Day) -> None:
    # the source is late: yesterday's last hour is not there yet
    day.complete("23:20", TODAY - timedelta(days=1))
    first = day.run("00:10")
    assert first is not None
    assert first.is_incomplete
    assert "数据不全：零点之前的还没有全部证明" in day.note()
    assert day.hours() == expected()
    # it has come: midnight is said again, from all of yesterday, and is the same from then on
    day.complete("01:09")
    day.run("01:10")
    assert day.note() == "用到 03-24 01:00 的数据；没有安装 Prophet，只用基线"
    said = day.said()
    assert {row[5] for row in said} == {0}
    day.run("02:10")
    assert day.said() == said
    # twice as much is sold as said; before 9 o'clock that means nothing
    day.sell(TODAY, range(9), times=2)
    day.complete("08:09")
    day.run("08:10")
    assert day.hours() == expected()
    day.complete("09:09")
    day.run("09:10")
    weight = 9 / (9 + 3.2)
    assert "其余小时已按今天的实际调整" in day.note()
    assert day.hours()[:9] == expected()[:9]
    rest = expected(2 * weight + 1 - weight)
    assert all(abs(got - want) <= Decimal("0.02") for got, want in zip(day.hours()[9:], rest[9:], strict=True))
    # the source is late again, hours are missing: what was known at 9 o'clock stays, and says so
    day.sell(TODAY, range(9, 11), times=2)
    day.complete("09:40")
    day.run("11:10")
    assert day.note().startswith("用到 03-24 09:00 的数据；数据不全：今天的来晚了；")
    before = day.hours()
    # ClickHouse is away for two hours: the runs end with a sentence, and nothing has changed
    away = SingleNode("127.0.0.1", 1)
    for at in ("12:10", "13:10"):
        with pytest.raises(Retry, match="ClickHouse 连不上"):
            day.run(at, warehouse=away)
    assert day.hours() == before
    # all is back; the missed hours are not made up one by one
    day.sell(TODAY, range(11, 14), times=2)
    day.complete("14:09")
    day.run("14:10")
    assert "数据不全" not in day.note()
    assert "用到 03-24 14:00 的数据" in day.note()
    # the summary is behind since half past two
    day.complete("15:09")
    day.database.rows(
        "INSERT INTO mart_day (module, day, mark, done, marked_at) VALUES ('sale_out', %(day)s, 2, 1, %(since)s)",
        day=TODAY, since=datetime(2026, 3, 24, 14, 30, tzinfo=SHANGHAI),
    )  # fmt: skip
    day.run("15:10")
    assert day.note().startswith("用到 03-24 14:00 的数据；数据不全：今天的来晚了")
    day.database.rows("DELETE FROM mart_day")
    day.sell(TODAY, range(14, 24), times=2)
    day.complete("23:09")
    day.run("23:10")
    assert day.said() == said
    assert day.metric("forecast_accuracy", TODAY) is None
    # midnight: yesterday is complete, and scored by what midnight said
    day.complete("00:09", TOMORROW)
    day.run("00:10", TOMORROW)
    assert day.metric("forecast_accuracy", TODAY) == Decimal("0.5")
    assert day.metric("forecast_accuracy", TODAY, ("shop_id",)) == dict.fromkeys(SHOPS, Decimal("0.5"))
    assert [row[-2] for row in day.said() if row[:2] == ("total", "published")] == [
        [2 * amount for amount in expected()]
    ]
    assert sum(day.hours(TOMORROW)) > 0
    scored, tomorrow = day.said(), day.hours(TOMORROW)
    day.run("00:10", TOMORROW)
    assert (day.said(), day.hours(TOMORROW)) == (scored, tomorrow)


def test_a_day_whose_certificate_is_open_is_not_scored_before_it_is_proven(day: Day) -> None:
    day.complete("00:09")
    day.run("00:10")
    day.sell(TODAY, range(24))
    issued = CertificateLog(day.database)
    issued.issue(Certificate(TODAY, "sale_out", 9, 9, Decimal(1), Decimal(2), reasons=("9 点少 1 单",)), "d", "r")
    day.complete("08:00", TOMORROW)
    day.run("08:10", TOMORROW)
    assert day.metric("forecast_accuracy", TODAY) is None
    assert day.metric("forecast_incomplete", TOMORROW) == 3 * 24
    issued.issue(Certificate(TODAY, "sale_out", 9, 9, Decimal(2), Decimal(2)), "d", "r")
    day.run("08:10", TOMORROW)
    assert day.metric("forecast_accuracy", TODAY) == 1
    # an order is corrected later: the score follows
    day.sell(TODAY, range(12), times=3)
    day.run("09:10", TOMORROW)
    assert day.metric("forecast_accuracy", TODAY) == (1 - Decimal(2 * 12) / (36 + 20)).quantize(Decimal("0.0001"))


def test_a_first_run_looks_back_once_and_only_at_what_lay_before(day: Day) -> None:
    asked: list[tuple[date, date]] = []

    def model(series: Series, of: date) -> Amounts:
        asked.append((of, max(series.days)))
        return tuple(float(amount) for amount in expected())

    day.model = lambda: model
    day.complete("00:09")
    day.run("00:10")
    assert {of for of, _ in asked} == {TODAY - timedelta(days=n) for n in range(15)}
    assert all(newest == of - timedelta(days=1) for of, newest in asked)
    back = day.client.execute("SELECT DISTINCT biz_day, is_backtest FROM ops.forecast_candidate FINAL ORDER BY 1")
    assert back == [(TODAY - timedelta(days=n), int(n > 0)) for n in range(14, -1, -1)]
    assert day.hours(TODAY - timedelta(days=1)) == []  # what was not said is not published afterwards
    asked.clear()
    day.complete("01:09")
    day.run("01:10")
    assert asked == []


def test_days_on_which_nothing_ran_are_made_up(day: Day) -> None:
    day.complete("00:09")
    day.run("00:10")
    later = TODAY + timedelta(days=3)
    for n in range(3):
        day.sell(TODAY + timedelta(days=n), range(24))
    day.complete("10:09", later)
    outcome = day.run("10:10", later)
    assert outcome is not None
    assert not outcome.is_incomplete
    backtests = {TODAY + timedelta(days=n): {row[6] for row in day.said(TODAY + timedelta(days=n))} for n in range(4)}
    assert list(backtests.values()) == [{0}, {1}, {1}, {0}]
    assert day.metric("forecast_accuracy", TODAY) == 1


def test_too_little_history_says_so(day: Day) -> None:
    day.client.execute("TRUNCATE TABLE dws.dws_shop_hour")
    day.complete("00:09")
    assert day.run("00:10") is None
    assert day.hours() == []
    for n in (1, 2, 3):
        day.sell(TODAY - timedelta(days=n), range(24))
    outcome = day.run("01:10")
    assert outcome is not None
    assert outcome.method == "recent"
    assert "历史只有 3 个平日；误差按 15 % 估计" in outcome.note


def test_a_shop_that_is_forecast_no_more_is_withdrawn(day: Day) -> None:
    """A late correction takes away all that a shop had sold: the midnight is said again from more, without it."""
    day.complete("23:20", TODAY - timedelta(days=1))
    day.run("00:10")
    assert len(day.hours(shop=103)) == 24
    day.client.execute("ALTER TABLE dws.dws_shop_hour DELETE WHERE shop_id = 103 SETTINGS mutations_sync = 1")
    day.complete("01:09")
    day.run("01:10")
    assert day.hours(shop=103) == []
    assert len(day.hours(shop=101)) == 24


def test_a_promo_day_is_assumed_until_last_years_is_known(day: Day) -> None:
    facts = {"promos": [{"name": "店庆", "day": "03-24", "factor": 3.0}], "holidays": []}
    day.promos = Promos(facts, holiday=lambda _: "", is_off=lambda each: each.weekday() >= 5)
    day.complete("00:09")
    day.run("00:10")
    assert "店庆：按平日的 3.00 倍（假设）" in day.note()
    assert day.hours() == expected(3)
    last_year = date(2025, 3, 24)
    for n in range(29):
        day.sell(last_year - timedelta(days=n), range(24), times=1 if n else 5)
    day.client.execute("TRUNCATE TABLE ops.forecast_candidate")  # what was said at midnight stays said otherwise
    day.complete("01:09", start=last_year - timedelta(days=28))
    day.run("01:10")
    assert "店庆：按平日的 5.00 倍（去年同日实测）" in day.note()
    assert day.hours() == expected(5)
