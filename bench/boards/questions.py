"""The questions: of the boards' panels; of the data sets, as a person asks who drags and drops."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jst.boards.board_spec import load_boards
from jst.boards.panel_question import Chosen, statements
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.bi_views import bi_views


@dataclass(frozen=True, slots=True)
class Asking:
    """One question: its SQL and its parameters."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def of_boards(as_of: datetime) -> dict[str, Asking]:
    """Compose what the panels of all boards ask as login boards, as the api-server does."""
    catalogue = load_catalogue()
    return {
        f"{board.id}.{name}": Asking(each.sql, each.parameters)
        for board in load_boards().values()
        for name, panel in board.panels.items()
        for each in statements(catalogue, panel.step, as_of, Chosen(), {}, finance=False)
        if each.reader == "boards"
    }


def refreshes() -> dict[str, float]:
    """Return how often a second each of these is asked while its board is open."""
    return {f"{board.id}.{name}": 1 / board.refresh for board in load_boards().values() for name in board.panels}


@dataclass(frozen=True, slots=True)
class Dragged:
    """What a person has dragged: a data set, the names it is cut by and those summed or computed; ``top``: only the
    hundred largest of the first of these are shown."""

    view: str
    day: str
    cuts: tuple[str, ...]
    values: tuple[str, ...]
    top: bool = False

    def sql(self, days: str) -> str:
        """Return the SQL that a tool makes of the data set's file; ``days``: the condition on its day."""
        (view,) = [each for each in bi_views() if each.name == self.view]
        formulas = {name: f"SUM([{name}])" for name in view.measures} | view.computed
        shown = [*(f"[{name}]" for name in self.cuts), *(f"{formulas[name]} AS [{name}]" for name in self.values)]
        places = ", ".join(str(place + 1) for place in range(len(self.cuts)))
        order = f" ORDER BY {len(self.cuts) + 1} DESC LIMIT 100" if self.top else ""
        text = f"SELECT {', '.join(shown)} FROM bi.{view.name} WHERE [{self.day}] {days} GROUP BY {places}{order}"
        return re.sub(r"\[(.+?)\]", r"`\1`", text)


_FREE = {
    "店铺 × 分类": Dragged("sale_out", "出库日期", ("店铺名称", "分类"), ("实付金额", "出库单数")),
    "商品前 100": Dragged("sale_out", "出库日期", ("商品编码", "商品名称"), ("出库数量", "出库金额"), top=True),
    "日 × 小时": Dragged("sale_out", "出库日期", ("出库日期", "出库小时"), ("出库GMV", "优惠金额", "平台扣点")),
    "平台 × 省": Dragged("sale_out", "出库日期", ("平台", "收货省份"), ("出库数量", "实付金额")),
    "售后类型": Dragged("after_sale", "创建日期", ("售后类型", "问题类型"), ("售后单数", "申请退款金额")),
}
FREE_DAY = {name: Asking(each.sql("= today() - 1")) for name, each in _FREE.items()}
FREE_MONTH = {name: Asking(each.sql(">= today() - 30")) for name, each in _FREE.items()}

SORT_KEYS = {
    "hour of key_time, io_id, line_id": "toStartOfHour(key_time), io_id, line_id",
    "io_id, line_id": "io_id, line_id",
}
