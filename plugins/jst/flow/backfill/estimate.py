"""What reading a day again would cost, counted before it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import clickhouse_driver

from jst.control.request_budget import PostgresBudget
from jst.erp.client import Client
from jst.flow.backfill.business_day import Slice
from jst.flow.reading.by_window import PAGES_PER_PLAN
from jst.model.module import load_module
from jst.model.words import Origin
from jst.warehouse.sql import statement

ORIGIN: Origin = "backfill"


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost: ``records`` the source counts in a slice, and the ``requests`` that read them."""

    part: Slice
    records: int
    requests: int

    def __str__(self) -> str:
        return f"{self.part}：{self.records:,} 条，约 {self.requests:,} 次请求（{self.part.window or '按主键'}）"


def costs(
    parts: Iterable[Slice], client: Client, warehouse: clickhouse_driver.Client, asked: Callable[[str], int]
) -> Iterator[Cost]:
    """Count the cost of each slice; requests the first page of every window. ``asked``: of how many warehouses the
    records of a module are asked for."""
    for part in parts:
        module = load_module(part.module)
        endpoint = module.endpoint(client.dialect)
        if part.window is None:
            keys = len(warehouse.execute(statement(f"modules/{part.module}/sweep")))
            many = asked(part.module)
            yield Cost(part, keys * many, -(-keys // endpoint.keys_per_request) * many)
        else:
            page = client.page(module, part.window, 1, origin=ORIGIN)
            records = page.total or len(page.rows)
            yield Cost(part, records, window_requests(records, endpoint.page_size))


def window_requests(records: int, page_size: int) -> int:
    """Return the requests that read a window so that it is proven: every page, the first of each plan twice, and the
    one that found a plan too large."""
    plans = 1
    while (pages := -(-records // (plans * page_size))) > PAGES_PER_PLAN:
        plans *= 2
    return plans * (pages + 1) + plans - 1 if pages > 1 else 1


def minutes(found: Iterable[Cost], client: Client, budget: PostgresBudget) -> float:
    """Return the minutes all of it takes if no other task makes requests; endpoints with budgets of their own are read
    side by side."""
    requests: dict[str, int] = defaultdict(int)
    speed: dict[str, float] = {}
    for cost in found:
        bucket, rates = client.budget(load_module(cost.part.module))
        requests[bucket] += cost.requests
        speed[bucket] = budget.per_minute(bucket, rates)
    return max((count / speed[bucket] for bucket, count in requests.items()), default=0.0)
