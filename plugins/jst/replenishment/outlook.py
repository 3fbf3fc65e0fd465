"""How long every SKU lasts: written once an hour for boards and alerts (task ``outlook``)."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from jst.clock import SHANGHAI, Clock
from jst.replenishment.demand import Demand, Floats
from jst.replenishment.experience import Experience, PromoDays, calendar_of
from jst.replenishment.gather import read_histories, read_states
from jst.replenishment.run_out import EVEN_DAY, DayShape, run_out_at
from jst.replenishment.terms import LONGEST_DAYS, SkuState
from jst.warehouse.cluster import Warehouse, translate_errors
from jst.warehouse.sql import INSERT_SETTINGS, statement

log = logging.getLogger(__name__)
_WORKDAY, _WEEKEND, _TODAY = 0, 1, 2
_AT_ONCE = 20_000


def refresh(warehouse: Warehouse, clock: Clock, promos: PromoDays) -> int:
    """Write the outlook of every SKU in every warehouse anew; returns how many there are. May be repeated at any time;
    killed in between, some rows are an hour older until the next run. Raises Retry when ClickHouse is away."""
    with translate_errors(
        "可售天数",
        away="看板继续显示上一次的结果；恢复后下一次运行自动补上",
        refused="按错误信息检查 include/sql/replenishment；还没有运行过 jst_schema 的先运行它",
    ):
        now = clock.now().astimezone(SHANGHAI)
        states = read_states(warehouse)
        histories = read_histories(warehouse, now.date())
        log.info("有库存记录的商品与仓库 %d 个，有历史的 %d 个", len(states), len(histories))
        calendar = calendar_of(histories, promos)
        experience, weights = Experience(states, histories, calendar), calendar.weights(now.date(), LONGEST_DAYS + 1)
        shape, version = read_shape(warehouse, now), int(now.timestamp() * 1000)
        for start in range(0, len(states), _AT_ONCE):
            rows = [
                (*outlook_of(state, experience.demand(state), weights, shape, now), version, 0)
                for state in states[start : start + _AT_ONCE]
            ]
            warehouse.execute(statement("replenishment/store_outlook"), rows, settings=INSERT_SETTINGS)
            log.info("已写 %d / %d", start + len(rows), len(states))
        gone = statement("replenishment/withdraw_outlook")
        warehouse.execute(gone, {"version": version}, settings=INSERT_SETTINGS)
        return len(states)


def outlook_of(state: SkuState, demand: Demand, weights: Floats, shape: DayShape, now: datetime) -> tuple[Any, ...]:
    """Return a row of ``dws.dws_sku_outlook`` up to made_at. ``weights``: of the days from today on."""
    available = max(0.0, state.available)
    empty_at = run_out_at(available, demand.daily, weights, shape, now)
    if empty_at is None or empty_at <= now:
        # on average over the days there are: a promo day ahead is part of the pace
        daily = demand.daily * float(np.mean(weights))
    else:
        daily = available / ((empty_at - now).total_seconds() / 86_400)
    daily_demand = _rounded(daily, 4)
    return (
        *(state.sku_id, state.wms_co_id, state.warehouse_name, state.i_id, state.sku_name, state.category),
        *(int(state.enabled), demand.pattern, demand.basis, _rounded(available, 4), daily_demand),
        _rounded(available / float(daily_demand), 4) if daily_demand else None,
        empty_at if daily_demand else None,
        now,
    )


def read_shape(warehouse: Warehouse, now: datetime) -> DayShape:
    """Read which share of a day falls into each hour; what the forecast expects of today comes before what was."""
    found: dict[int, list[float]] = defaultdict(lambda: [0.0] * 24)
    asked = {"today": now.date().isoformat()}
    for kind, hour, amount in warehouse.execute(statement("replenishment/hours"), asked):
        found[kind][hour] = max(0.0, amount)
    shares = {kind: [each / sum(hours) for each in hours] for kind, hours in found.items() if sum(hours)}
    usual = shares.get(_WORKDAY, EVEN_DAY)
    return DayShape(usual, shares.get(_WEEKEND, usual), now.date(), shares.get(_TODAY, ()))


def _rounded(number: float, places: int) -> Decimal:
    return Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
