"""The questions: of the boards' panels; of the wide tables, as a person asks who drags and drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jst.boards.board_spec import load_boards
from jst.boards.panel_question import Chosen, statements
from jst.metrics.catalogue import load_catalogue


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


_FREE = {
    "店铺 × 分类": """SELECT shop_name, category, sum(paid_amount), count(DISTINCT io_id)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY shop_name, category""",
    "商品前 100": """SELECT sku_id, any(sku_name), sum(qty) AS sold, sum(out_amount)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY sku_id ORDER BY sold DESC LIMIT 100""",
    "日 × 小时": """SELECT biz_day, biz_hour, sum(gmv), sum(discount_amount), sum(platform_fee)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY biz_day, biz_hour""",
    "平台 × 省": """SELECT platform, receiver_state, sum(qty), sum(paid_amount)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY platform, receiver_state""",
    "售后类型": """SELECT type, question_type, count(DISTINCT as_id), sum(refund_amount)
        FROM dws.dws_after_sale WHERE biz_day {days} AND status != '已取消' GROUP BY type, question_type""",
}
FREE_DAY = {name: Asking(sql.format(days="= today() - 1")) for name, sql in _FREE.items()}
FREE_MONTH = {name: Asking(sql.format(days=">= today() - 30")) for name, sql in _FREE.items()}

SORT_KEYS = {
    "hour of key_time, io_id, line_id": "toStartOfHour(key_time), io_id, line_id",
    "io_id, line_id": "io_id, line_id",
}
