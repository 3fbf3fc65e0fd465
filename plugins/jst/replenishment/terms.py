"""The words of a replenishment plan: what is asked for, what is known of a SKU in a warehouse, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from jst.errors import Misconfigured

ALL_WAREHOUSES = 0
"""The number under which the source keeps totals of stock; a company has totals or warehouses, never both."""
Place = tuple[str, int]
"""A SKU in a warehouse: (sku_id, wms_co_id)."""
Kind = Literal["move", "order"]
LONGEST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Params:
    """What a person asks a plan for. ``cover_days``: how long a purchase is to last; ``lead_days``: days until it is on
    the shelf, give or take ``lead_spread_days``; ``service_level``: share of purchases before whose arrival a SKU
    shall not run out; ``category``, ``warehouse``: only these (empty: all); ``pack_size``: pieces that are sold to us
    together; ``budget``: yuan to spend on purchases at most (None: no limit)."""

    cover_days: int = 14
    lead_days: int = 7
    lead_spread_days: int = 2
    service_level: float = 0.95
    category: tuple[str, ...] = ()
    warehouse: tuple[int, ...] = ()
    pack_size: int = 1
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SkuState:
    """A SKU in a warehouse now; quantities in pieces, ``None`` where the source does not say. ``locked``: pieces that
    orders wait for; ``created``: the day its record was made."""

    sku_id: str
    wms_co_id: int
    qty: float
    locked: float = 0.0
    in_transit: float = 0.0
    min_qty: float | None = None
    max_qty: float | None = None
    cost_price: Decimal | None = None
    sale_price: Decimal | None = None
    sku_name: str = ""
    warehouse_name: str = ""
    i_id: str = ""
    category: str = ""
    created: date | None = None
    enabled: bool = True

    @property
    def place(self) -> Place:
        """The SKU and its warehouse."""
        return self.sku_id, self.wms_co_id

    @property
    def available(self) -> float:
        """Pieces that can be promised today; below 0 as many as were sold too many."""
        return self.qty - self.locked

    @property
    def position(self) -> float:
        """Pieces that future orders can count on once everything on its way is there."""
        return self.available + self.in_transit


@dataclass(frozen=True, slots=True)
class SkuHistory:
    """Days in a row of a SKU in a warehouse, from ``first`` on. ``sold``: pieces shipped; ``lines``: of how many lines
    of orders; ``returned``: pieces that came back and can be sold again; ``in_stock``: which share of the day it could
    be sold, 0.0 to 1.0."""

    first: date
    sold: tuple[float, ...]
    lines: tuple[int, ...]
    returned: tuple[float, ...]
    in_stock: tuple[float, ...]


Histories = Mapping[Place, SkuHistory]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A proposal: buy or move ``qty`` pieces into warehouse ``wms_co_id`` (a move: out of ``source``). ``needed_qty``:
    what it would be without the budget. ``priority``: 1 is the most urgent. ``run_out_on``: the day it is expected to
    run out without any of this, None: not within ``LONGEST_DAYS``. ``amount``: yuan at cost, None where unknown.
    ``reason``: one Chinese sentence with the figures."""

    kind: Kind
    sku_id: str
    wms_co_id: int
    qty: int
    needed_qty: int
    reason: str
    priority: int
    run_out_on: date | None
    daily_demand: float
    amount: Decimal | None = None
    source: int | None = None
    sku_name: str = ""
    warehouse_name: str = ""
    source_name: str = ""
    i_id: str = ""
    category: str = ""


def check(params: Params) -> None:
    """Raise Misconfigured with one sentence when a plan of these makes no sense."""
    for wrong, what, do in (
        (not 1 <= params.cover_days <= 90, f"覆盖天数 {params.cover_days} 不对", "填 1 到 90 之间的整数"),
        (not 0 <= params.lead_days <= 90, f"到货天数 {params.lead_days} 不对", "填 0 到 90 之间的整数"),
        (
            not 0 <= params.lead_spread_days <= params.lead_days,
            f"到货天数的浮动 {params.lead_spread_days} 不对",
            f"填 0 到 {params.lead_days}（到货天数）之间的整数",
        ),
        (not 0.5 <= params.service_level <= 0.999, f"服务水平 {params.service_level} 不对", "填 0.5 到 0.999 之间的数"),
        (not 1 <= params.pack_size <= 10_000, f"装箱数 {params.pack_size} 不对", "填 1 到 10000 之间的整数"),
        (params.budget is not None and params.budget <= 0, f"预算 {params.budget} 不对", "填大于 0 的金额，不限就留空"),
    ):
        if wrong:
            raise Misconfigured(what, do=do)


def check_choices(params: Params, states: Sequence[SkuState]) -> None:
    """Raise Misconfigured when a category or a warehouse is chosen that no stock has."""
    if params.warehouse and all(state.wms_co_id == ALL_WAREHOUSES for state in states):
        raise Misconfigured(
            "源系统只给总库存，不能按仓库补货", do="不选仓库，或把连接的 extra.stock 改成 per_warehouse"
        )
    for title, chosen, known in (
        ("分类", set(params.category), {state.category for state in states}),
        ("仓库", set(params.warehouse), {state.wms_co_id for state in states}),
    ):
        if missing := chosen - known:
            raise Misconfigured(f"没有{title} {'、'.join(map(str, sorted(missing)))} 的库存", do=f"从现有的{title}里选")
