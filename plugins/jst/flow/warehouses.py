"""Which warehouses one module is asked for: none but the totals, or every one the source lists, from then on."""

from __future__ import annotations

import logging
from datetime import timedelta

from jst.clock import Clock
from jst.control.stock_kinds import FirstLoad, StockKinds, StockStanding
from jst.erp.client import Client
from jst.errors import Retry
from jst.model.module import Module, dag_of, load_module
from jst.model.plan import Plan
from jst.model.window import Window, floor_second, weeks
from jst.model.words import STOCK_KIND_TITLES, Origin, StockKind

log = logging.getLogger(__name__)
LISTED_FOR_SECONDS = 300.0
READ_WITHOUT = timedelta(seconds=60)
"""A reading that began before a warehouse was known ends no later than that: clocks differ by no more."""
TOTALS = (0,)


class Warehouses:
    """Knows, in one process, the warehouses one module is asked for. A module that belongs to none is asked once."""

    def __init__(self, module: Module, client: Client, kinds: StockKinds, clock: Clock) -> None:
        self._module, self._client, self._kinds, self._clock = module, client, kinds, clock
        self._kind: StockKind = "per_warehouse" if module.per_warehouse else "total"
        self._begun = False
        self.number = 1
        """How many were asked for last."""

    def begin(self) -> None:
        """Read the kind of stock the connection names, if another one was read until now; called by the live feed
        alone: a task that began with the connection of before must not switch back."""
        if self._begun or not self._module.warehouse_field:
            return
        standing = self._kinds.standing()
        if standing.read is None:
            self._kinds.start(self._kind)
        elif self._kinds.switch(self._module.name, self._kind, self._first_load(), *self._run("切换库存口径")):
            log.warning(
                "库存改为按%s读取：全部重新读一遍，读完之前宽表保持%s", STOCK_KIND_TITLES[self._kind],
                STOCK_KIND_TITLES[standing.shown or "total"],
            )  # fmt: skip
        self.number = max(1, len(standing.branches))
        self._begun = True

    def asked(self, plan: Plan | None = None, origin: Origin = "live") -> tuple[int, ...]:
        """Return the warehouses to be asked now (of ``plan``), (0,) for the totals. Raises Retry when the other kind of
        stock is read by now, or the source lists no warehouse, and what the client raises."""
        if not self._module.warehouse_field:
            return TOTALS
        standing = self._kinds.standing()
        if standing.read is None:
            self._kinds.start(self._kind)
            standing = self._kinds.standing()
        if standing.read not in (None, self._kind):
            raise Retry(
                f"库存已不按{STOCK_KIND_TITLES[self._kind]}读取，这个任务用的是旧的连接",
                do=f"刚改过连接的 extra.stock：等 {dag_of(self._module.name)} 的下一班用上它，再清除本任务",
                after=30.0,
            )
        if not self._module.per_warehouse:
            return TOTALS
        if standing.listed_ago is None or standing.listed_ago > LISTED_FOR_SECONDS:
            standing = self._listed(origin)
        if not standing.branches:
            raise Retry(
                "源端没有列出任何仓库，分仓库存无从问起", do="在聚水潭启用仓库，或把连接的 extra.stock 改为 total",
                server="聚水潭", after=30.0,
            )  # fmt: skip
        self.number = len(standing.branches)
        return plan.branches if plan and plan.branches else standing.branches

    def _listed(self, origin: Origin) -> StockStanding:
        listing, field, found = load_module("warehouse"), self._module.warehouse_field, set[int]()
        index, more = 1, True
        while more:
            page = self._client.listing(listing, index, origin=origin)
            numbers = [str(row.get(field) or "").strip() for row in page.rows if isinstance(row, dict)]
            found.update(int(number) for number in numbers if number.isascii() and number.isdecimal())
            index, more = index + 1, page.has_next
        if not found:  # no list, rather than one of a company that has closed them all
            return self._kinds.standing()
        new = self._kinds.note_branches(self._module.name, sorted(found), self._first_load(), *self._run("新仓库"))
        if new:
            log.warning("开始读取仓库 %s 的%s，它们已有的库存随后补上", "、".join(map(str, new)), self._module.title)
        return self._kinds.standing()

    def _first_load(self) -> FirstLoad:
        end = floor_second(self._clock.now()) + READ_WITHOUT
        start = end - timedelta(days=self._module.initial_days)
        by_cursor = not self._module.endpoint(self._client.dialect).counts
        windows = [Window(start, end)] if by_cursor else weeks(start, end)
        settled = timedelta(seconds=self._module.settle_seconds + 2)
        windows = windows if self._module.initial_days else []
        return FirstLoad(windows, end - READ_WITHOUT, end + settled, by_cursor)

    def _run(self, why: str) -> tuple[str, str]:
        return dag_of(self._module.name), f"{why} {floor_second(self._clock.now()):%F %T}"
