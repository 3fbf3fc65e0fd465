"""What every metric means, for the people who look at boards: each panel links to the definition of its figures."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

from jst.boards import page
from jst.ledger.words_page import words_page
from jst.metrics.catalogue import Catalogue

_GROUPS = {
    "库存": "Stock", "销售出库": "Sale-outs", "售后": "After-sales", "另加": "Besides", "预测": "Forecast",
    "运行": "Operation",
}  # fmt: skip


def metrics_page(catalogue: Catalogue, lang: str, codes: Collection[str] = ()) -> str:
    """Render it; a metric's place is ``#<code>``. ``codes``: only these, those of a panel; without a known one, all."""
    chosen = [metric for metric in catalogue.metrics.values() if metric.code in codes]
    groups = [
        (name if lang == "zh" else _GROUPS.get(name, name), list(metrics))
        for name, metrics in groupby(chosen or catalogue.metrics.values(), key=lambda metric: metric.group)
    ]
    return words_page(page.FOLDER / "metrics.html", lang, f"files/{page.VERSION}", groups=groups, are_all=not chosen)
