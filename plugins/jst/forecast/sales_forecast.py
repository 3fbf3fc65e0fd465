"""The hourly run: score what is over, stand at today's midnight once, publish today with what has happened since.

Every part may be repeated and is left out when it is done: what a run that was missed or killed did not do, the next
one does. Days on which no run stood at midnight are computed afterwards, from what lies before their midnight."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial

from jst.clock import Clock
from jst.control.database import Database
from jst.control.mart_days import MartDays
from jst.forecast.band import measured
from jst.forecast.candidate import PUBLISHED, SCORED_DAYS, TOTAL, Candidate
from jst.forecast.forecast_store import ForecastStore
from jst.forecast.history import DAY, Coverage, SalesHistory, midnight
from jst.forecast.known import read_coverage
from jst.forecast.midnight import Midnight
from jst.forecast.promos import Promos, load_promos
from jst.forecast.prophet_model import LEAST_DAYS, MOST_DAYS, Model, prophet_model
from jst.forecast.today import Today, misled
from jst.warehouse.cluster import Warehouse, translate_errors

log = logging.getLogger(__name__)
SCORED_BACK = 2 * SCORED_DAYS
"""Days whose scores are kept right: among them are promo days, which do not count."""
HISTORY_DAYS = SCORED_BACK + MOST_DAYS
BEFORE_LAST_YEARS = 28
Stands = Callable[[date], Midnight]


@dataclass(frozen=True, slots=True)
class ForecastOutcome:
    """What a run came to. ``method`` and ``amount``: of all shops; ``note``: as people see it."""

    shops: int
    method: str
    amount: float
    note: str
    is_incomplete: bool


class SalesForecast:
    """One run. ``promos``: those of promos.yaml by default; ``prophet``: gives the model, None where it is not
    installed; asked only when something is fitted."""

    def __init__(
        self, database: Database, warehouse: Warehouse, clock: Clock, promos: Promos | None = None,
        prophet: Callable[[], Model | None] = prophet_model,
    ) -> None:  # fmt: skip
        self._db, self._store, self._clock = database, ForecastStore(warehouse), clock
        self._promos, self._prophet = promos or load_promos(), prophet

    def run(self) -> ForecastOutcome | None:
        """Bring scores, candidates and today's forecast up to date; None when no day is known yet. Raises Retry when
        ClickHouse or the control database is away."""
        with translate_errors(
            "销售预测",
            away="看板继续显示上一次的预测，它写明用到几点的数据；恢复后下一次运行自动补上",
            refused="按错误信息检查 include/sql/forecast；还没有运行过 jst_schema 的先运行它",
        ):
            return self._run(self._clock.now())

    def _run(self, now: datetime) -> ForecastOutcome | None:
        today = now.date()
        history = self._history(read_coverage(self._db, today), today)
        stands: Stands = cache(partial(Midnight.of, history, promos=self._promos))
        known = self._store.candidates(today - SCORED_BACK * DAY, today)
        known = self._score(stands, known, now)
        known = self._backtest(stands, known, now)
        stand = stands(today)
        if not stand.names:
            log.info("还没有一个完整的日子，不能预测：首次装载完成、或过了第一个完整的业务日之后自动开始")
            self._store.publish(today, [], ("", True, now, now), self._version())
            return None
        of_today = [each for each in known if each.day == today]
        if _is_to_be_made(stand, of_today):
            of_today = self._make(stand, known, now)
        return self._publish(stand, of_today, known, now)

    def _history(self, coverage: Coverage, today: date) -> SalesHistory:
        periods = [(today - HISTORY_DAYS * DAY, today)]
        for back in range(SCORED_DAYS + 1):
            if other := self._promos.same_last_year(today - back * DAY):
                periods.append((other - BEFORE_LAST_YEARS * DAY, other))
        return SalesHistory(self._store.shops(periods), coverage, self._promos.of, self._promos.is_off)

    def _score(self, stands: Stands, known: list[Candidate], now: datetime) -> list[Candidate]:
        """Write what came of days that are complete, where it is not written yet or has changed."""
        scored = [_scored(stands, each) for each in known]
        changed = [new for new, old in zip(scored, known, strict=True) if new is not old]
        for day in sorted({each.day for each in changed if not each.is_backtest}):
            # before the candidates say that it is done: killed in between, it is done again
            self._store.settle(day, self._version())
        self._store.store_candidates(changed, now, self._version())
        for each in changed:
            if (each.series, each.method) == (TOTAL, PUBLISHED) and (shipped := sum(each.actual or ())):
                log.info("%s 已完整：零点时的预测准确率 %.1f %%", each.day, 100 * (1 - each.error / shipped))
        return scored

    def _backtest(self, stands: Stands, known: list[Candidate], now: datetime) -> list[Candidate]:
        """Compute what was not said at its time of days that are complete, the oldest first; returns all that is known
        now."""
        found, missing = list(known), list[tuple[Midnight, list[str]]]()
        for back in range(SCORED_DAYS, 0, -1):
            stand = stands(now.date() - back * DAY)
            there = {each.series for each in known if each.day == stand.day}
            wanted = [name for name in stand.names if name not in there]
            if wanted and stand.history.coverage.has(stand.day):
                missing.append((replace(stand, is_backtest=True), wanted))
        model = self._prophet() if missing else None
        for done, (stand, names) in enumerate(missing, 1):
            said = [_scored(stands, each) for each in stand.candidates(names, model)]
            if not any(each.day == stand.day for each in known):
                said += [_scored(stands, each) for each in stand.published(said, found)]
            self._store.store_candidates(said, now, self._version())
            found += said
            log.info("补算 %s（只用那天零点之前的数据）：%d 组，第 %d/%d 天", stand.day, len(names), done, len(missing))
        return found

    def _make(self, stand: Midnight, known: Collection[Candidate], now: datetime) -> list[Candidate]:
        """Say what every method says of today, and choose."""
        said = list(stand.candidates(stand.names, self._prophet()))
        said += stand.published(said, [each for each in known if each.day < stand.day])
        self._store.store_candidates(said, now, self._version())
        log.info("零点的预测：%d 组%s", len(stand.names), "；之前的数据不全，补齐后重作" if stand.is_incomplete else "")
        return said

    def _publish(
        self, stand: Midnight, of_today: Collection[Candidate], known: Collection[Candidate], now: datetime
    ) -> ForecastOutcome:
        published = {each.series: each for each in of_today if each.method == PUBLISHED and each.series in stand.names}
        before = [
            each
            for each in known
            if each.method == PUBLISHED and each.day < stand.day and self._promos.of(each.day) is None
        ]
        hours = stand.history.coverage.hours_of(stand.day)
        today = Today(stand, published, measured(before), hours, misled(before, hours))
        rows, until = list(today.rows()), _known_until(today)
        is_incomplete = stand.is_incomplete or until < now.replace(minute=0, second=0, microsecond=0)
        note = _note(today, of_today, until, is_incomplete=is_incomplete)
        self._store.publish(stand.day, rows, (note, is_incomplete, now, until), self._version())
        amount, shops = sum(row.amount for row in rows), {row.shop.shop_id for row in rows}
        method = published[TOTAL].chosen
        log.info("%s：%d 个店铺，全天 %.2f 元，方法 %s；%s", stand.day, len(shops), amount, method, note)
        return ForecastOutcome(len(shops), method, amount, note, is_incomplete)

    def _version(self) -> int:
        return MartDays(self._db).version()


def _is_to_be_made(stand: Midnight, of_today: Collection[Candidate]) -> bool:
    """Say whether nothing was said at this midnight yet, or from less than is known of the days before it by now."""
    used = min((each.data_until for each in of_today if each.is_incomplete), default=None)
    return not of_today or (used is not None and used.date() < stand.data_until.date())


def _scored(stands: Stands, candidate: Candidate) -> Candidate:
    stand = stands(candidate.day)
    if not stand.history.coverage.has(candidate.day):
        return candidate
    actual = tuple(round(each, 2) for each in stand.history.on(stand.shops_of(candidate.series), candidate.day))
    return candidate if actual == candidate.actual else replace(candidate, actual=actual)


def _known_until(today: Today) -> datetime:
    """Return the full hour up to which data were used."""
    begins = midnight(today.midnight.day)
    if today.hours or not today.midnight.is_incomplete:
        return begins + timedelta(hours=today.hours)
    return today.midnight.data_until.replace(minute=0, second=0, microsecond=0)


def _note(today: Today, of_today: Collection[Candidate], until: datetime, *, is_incomplete: bool) -> str:
    """Say in a sentence what the forecast stands on, and what is missing."""
    stand = today.midnight
    days = len(stand.history.series(stand.history.shops, stand.day).ordinary)
    parts = [f"用到 {until:%m-%d %H:%M} 的数据"]
    if is_incomplete:
        parts.append("数据不全：零点之前的还没有全部证明" if stand.is_incomplete else "数据不全：今天的来晚了")
    if today.pace.weight:
        parts.append("其余小时已按今天的实际调整")
    if stand.occasion:
        parts.append(stand.occasion.words)
    if days < LEAST_DAYS:
        parts.append(f"历史只有 {days} 个平日")
    elif not any(each.method == "prophet" for each in of_today):
        parts.append("没有安装 Prophet，只用基线")
    if not today.band.days:
        parts.append("误差按 15 % 估计")
    return "；".join(parts)
