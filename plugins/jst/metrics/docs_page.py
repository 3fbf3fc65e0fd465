"""Write ``docs/metrics.md`` from the catalogue: ``python -m jst.metrics.docs_page``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from jst.metrics.catalogue import Catalogue, Metric, load_catalogue
from jst.model.module import INCLUDE

PAGE = INCLUDE.parent / "docs" / "metrics.md"
_HEAD = (
    "# 指标目录\n\n"
    "一个指标只有一个定义：看板、预警、每日推送、瓴羊BI 与测试用的都是它。"
    "本页由 `include/config/metrics.yaml` 生成（`make docs`），请改那里，不要改本页；"
    "每个指标的 SQL 在 `include/sql/metrics/expressions/<code>.sql`，"
    "定义没有说尽的地方见 [decisions/0030](decisions/0030-what-the-metrics-leave-open.md)。\n\n"
    "- “今天”是数据时点（读水位）所在的日子，不是墙上的钟。业务日按 Asia/Shanghai。\n"
    "- 金额是定点小数；比率的分母为空时没有值（显示“—”），不是 0。四舍五入（远离零）在最后做一次。\n"
    "- 去重计数与比率不能相加：把分店铺、分商品的数加起来不等于合计。"
    "库存是时点数，不能跨日相加；一段时间的库存是最后一天的。\n"
)
_MARTS = (
    "## 汇总表\n\n"
    "问题问到的切分与筛选，排在前面的汇总表都有的，就问它；否则问宽表。两边的数一样"
    "（`tests/integration/metrics/test_agreement.py`）。"
)
_COLUMNS = ("#", "code", "名称", "定义", "单位", "可相加", "口径", "不可按")


def page(catalogue: Catalogue) -> str:
    """Render the catalogue as Markdown."""
    parts = [_HEAD]
    for group, metrics in groupby(catalogue.metrics.values(), lambda metric: metric.group):
        parts.append(_table(f"## {group}", _COLUMNS, [_row(catalogue, metric) for metric in metrics]))
    rows = [
        (f"`{about.name}`", about.axis, about.scope, about.grain, _names(catalogue, about.cuts))
        for about in catalogue.rows.values()
    ]
    parts.append(_table("## 口径", ("口径", "时间", "范围", "每行是", "可按"), rows))
    marts = [
        (
            f"`{mart.name}`",
            _names(catalogue, mart.cuts),
            _names(catalogue, mart.needs),
            "、".join(map(_code, mart.answers)),
        )
        for mart in catalogue.marts.values()
    ]
    parts.append(_table(_MARTS, ("汇总表", "可按", "必须按", "回答"), marts))
    lists = [(f"`{name}`", "、".join(words)) for name, words in catalogue.lists.items()]
    parts.append(_table("## 名单", ("名单", "包含"), lists))
    return "\n".join(parts)


def _row(catalogue: Catalogue, metric: Metric) -> tuple[str, ...]:
    never = tuple(cut for cut in catalogue.cuts if cut not in metric.cuts)
    number, additive = str(metric.number or ""), "是" if metric.additive else "否"
    name = f"{metric.name}（仅 {metric.role}）" if metric.role else metric.name
    return (
        *(number, f"`{metric.code}`", name, metric.definition, metric.unit, additive),
        *(f"`{metric.rows.name}`", _names(catalogue, never)),
    )


def _code(code: str) -> str:
    return f"`{code}`"


def _names(catalogue: Catalogue, cuts: tuple[str, ...]) -> str:
    return "、".join(catalogue.cuts[cut] for cut in cuts)


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join([title, "", *(f"| {' | '.join(line)} |" for line in lines), ""])


if __name__ == "__main__":
    PAGE.write_text(page(load_catalogue()), "utf-8")
