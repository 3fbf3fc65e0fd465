"""What columns are called on boards: metrics by the catalogue, cuts and the words beside them by this table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jst.boards.board_spec import Step, Value, Words
from jst.boards.panel_answer import LABELS
from jst.boards.panel_question import unreached_by

_PERIODS: Mapping[str, Words] = {
    "now": {"zh": "此刻", "en": "now"},
    "today": {"zh": "今日", "en": "today"},
    "yesterday": {"zh": "昨日", "en": "yesterday"},
    "same_day_last_week": {"zh": "上周同日", "en": "same day last week"},
    "last_7_days": {"zh": "近 7 日", "en": "last 7 days"},
    "last_30_days": {"zh": "近 30 日", "en": "last 30 days"},
    "this_month": {"zh": "本月", "en": "this month"},
}
_COLUMNS: Mapping[str, tuple[str, str, str]] = {
    "shop_id": ("店铺编号", "Shop no.", "text"),
    "shop_name": ("店铺", "Shop", "text"),
    "platform": ("平台", "Platform", "text"),
    "sku_id": ("商品编码", "SKU", "text"),
    "sku_name": ("商品", "Product", "text"),
    "properties": ("颜色规格", "Colour and size", "text"),
    "i_id": ("款式编码", "Style no.", "text"),
    "style_name": ("款式", "Style", "text"),
    "category": ("分类", "Category", "text"),
    "wms_co_id": ("仓库编号", "Warehouse no.", "text"),
    "warehouse_name": ("仓库", "Warehouse", "text"),
    "province": ("省份", "Province", "text"),
    "day": ("日期", "Day", "day"),
    "hour": ("小时", "Hour", "hour"),
    "minute": ("分钟", "Minute", "minute"),
    "module": ("模块代码", "Module", "text"),
    "module_name": ("模块", "Module in Chinese", "text"),
    "endpoint": ("接口", "Endpoint", "text"),
    "outcome": ("结果", "Outcome", "text"),
    "login": ("账号", "Login", "text"),
    "feed_state": ("实时读取", "Feed", "text"),
    "certificate": ("最近的证书", "Latest certificate", "text"),
    "forecast_method": ("方法", "Method", "text"),
    "forecast_note": ("说明", "Note", "text"),
    "io_id": ("出库单号", "Sale-out no.", "text"),
    "as_id": ("售后单号", "After-sale no.", "text"),
    "o_id": ("内部订单号", "Order no.", "text"),
    "type": ("类型", "Type", "text"),
    "io_date": ("出库时间", "Shipped at", "time"),
    "refund_date": ("退款时间", "Refunded at", "time"),
    "out_qty": ("出库数量", "Quantity", "quantity"),
    "out_amount": ("出库金额", "Amount", "money"),
    "return_qty": ("退货数量", "Returned", "quantity"),
    "refund_amount": ("退款金额", "Refund", "money"),
}
"""Name → Chinese, English, format."""
_UNITS = {
    "": "", "件": "pcs", "元": "CNY", "个": "", "单": "orders", "天": "days", "小时": "h", "%": "%",
    "件/单": "pcs/order",
}  # fmt: skip


def shown_columns(step: Step, lang: str, order_columns: Sequence[str] = (), *, finance: bool) -> list[dict[str, Any]]:
    """List the columns a step shows: name, title, unit, format, and the metric's code where it is one."""
    if step.orders:
        return [_plain(name, lang) for name in order_columns]
    plain = [_plain(name, lang) for cut in step.by for name in (cut, *LABELS.get(cut, ()))]
    for column in plain:
        if words := step.words.get(column["name"]):
            column["words"] = {code: said[lang] for code, said in words.items()}
    return plain + [_figure(step, value, lang) for value in step.values if finance or not value.metric.role]


def _plain(name: str, lang: str) -> dict[str, Any]:
    zh, en, form = _COLUMNS.get(name, (name, name, "text"))
    return {"name": name, "title": zh if lang == "zh" else en, "unit": "", "format": form, "metric": None}


def _figure(step: Step, value: Value, lang: str) -> dict[str, Any]:
    metric = value.metric
    return {
        "name": value.column,
        "title": value.title[lang] if value.title else _title(value, lang, value.period != step.period),
        "unit": metric.unit if lang == "zh" else _UNITS.get(metric.unit, metric.unit),
        "format": metric.format,
        "metric": metric.code,
        "unreached_by": unreached_by(step, value),
    }


def _title(value: Value, lang: str, with_period: bool) -> str:
    period = _PERIODS[value.period][lang]
    if lang == "zh":
        return f"{period}{value.metric.name}" if with_period else value.metric.name
    return f"{value.metric.english}, {period}" if with_period else value.metric.english
