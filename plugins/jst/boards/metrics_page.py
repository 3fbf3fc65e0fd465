"""What every metric means, for the people who look at boards: each panel links to the definition of its figures."""

from __future__ import annotations

from itertools import groupby

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jst.boards import page
from jst.metrics.catalogue import Catalogue

_GROUPS = {"库存": "Stock", "销售出库": "Sale-outs", "售后": "After-sales", "另加": "Besides", "运行": "Operation"}


def metrics_page(catalogue: Catalogue, lang: str) -> str:
    """Render it; a metric's place is ``#<code>``."""
    environment = Environment(loader=FileSystemLoader(page.FOLDER), autoescape=True, undefined=StrictUndefined)
    groups = [
        (name if lang == "zh" else _GROUPS.get(name, name), list(metrics))
        for name, metrics in groupby(catalogue.metrics.values(), key=lambda metric: metric.group)
    ]
    return environment.get_template("metrics.html").render(
        groups=groups, lang=lang, files=f"files/{page.VERSION}", cuts=catalogue.cuts
    )
