"""The words of an edition, in Chinese: its figures with arrows, what was unusual, and why it is late."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jst.clock import SHANGHAI
from jst.messages.channels import UNOWNED, caretaker
from jst.metrics.catalogue import Catalogue, Metric
from jst.push.day_figures import ALL, EditionFigures, Found, Value
from jst.push.editions import Edition, Span, weekday
from jst.push.readiness import Missing

MOST_LISTED = 12
"""What is listed beyond is counted: a card that scrolls is not read."""
Owners = Callable[[int], Sequence[str]]
"""Shop → accounts of its owners."""
_UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Words:
    """Title, a paragraph per line in Markdown, and the accounts that are mentioned."""

    title: str
    lines: tuple[str, ...]
    mentions: tuple[str, ...] = ()


def edition_words(
    edition: Edition, span: Span, figures: EditionFigures, catalogue: Catalogue, owners: Owners,
    unproven: Collection[str],
) -> Words:  # fmt: skip
    """Write an edition. ``unproven``: days of a longer span that have no certificate, as people read them."""
    lines, mentions = [_row(catalogue.metrics[code], figures) for code in edition.metrics], list[str]()
    if figures.found:
        listed = sorted(figures.found, key=lambda each: (each.threshold.words, -Decimal(each.counted or 0), each.shop))
        lines.append("**需要看的**")
        for each in listed[:MOST_LISTED]:
            whose = ""
            if each.shop != ALL:
                accounts = owners(each.shop)
                mentions += accounts or [caretaker()]
                whose = f"，负责人 {'、'.join(accounts) or f'{UNOWNED}，由 {caretaker()} 代收'}"
            lines.append(f"⚠ {_found(each, figures, catalogue)}{whose}")
        if len(listed) > MOST_LISTED:
            lines.append(f"还有 {len(listed) - MOST_LISTED} 项，见看板")
    if unproven:
        lines.append(f"其中没有证明的日子：{'、'.join(unproven)}")
    return Words(f"{edition.title} {span_words(span)}", tuple(lines), tuple(dict.fromkeys(mentions)))


def late_words(edition: Edition, span: Span, missing: Sequence[Missing], ends: datetime) -> Words:
    """Write the word that an edition is late: which module, why, since when."""
    lines = [f"⚠ {each}" for each in missing]
    lines.append(f"数据齐了马上补发，最晚到 {ends.astimezone(SHANGHAI):%H:%M}")
    return Words(f"{edition.title} {span_words(span)} 晚了", tuple(lines))


def skipped_words(edition: Edition, span: Span, missing: Sequence[Missing], ends: datetime) -> Words:
    """Write the word that an edition does not come any more."""
    lines = [f"到 {ends.astimezone(SHANGHAI):%H:%M} 数据仍没有齐，这一期不再发送；数据齐了以后看板上都有"]
    lines += [f"⚠ {each}" for each in missing]
    return Words(f"{edition.title} {span_words(span)} 没有发出", tuple(lines))


def span_words(span: Span) -> str:
    """Say which days: 11-29（周日）, 11-23 至 11-29."""
    if span.first == span.last:
        return f"{span.last:%m-%d}（{weekday(span.last)}）"
    return f"{span.first:%m-%d} 至 {span.last:%m-%d}"


def shown(value: Value, metric: Metric) -> str:
    """Write a value as boards do: 万 and 亿 from ten thousand on, percent with a sign, — where it is unknown."""
    if value is None:
        return _UNKNOWN
    if metric.format == "percent":
        return f"{_trimmed(Decimal(value) * 100, 2)}%"
    number = Decimal(value)
    for scale, sign in ((10**8, "亿"), (10**4, "万")):
        if abs(number) >= scale:
            return f"{_trimmed(number / scale, 2)}{sign}"
    return _trimmed(number, 2)


def change(value: Value, before: Value, metric: Metric) -> str:
    """Write how a value moved: ▲ 3.2%, and ▲ 0.4 个百分点 of shares; — where that cannot be said."""
    if value is None or before is None or (before == 0 and metric.format != "percent"):
        return _UNKNOWN
    share = metric.format == "percent"
    moved = (Decimal(value) - before) * 100 if share else (Decimal(value) - before) / abs(Decimal(before)) * 100
    digits = _trimmed(abs(moved), 2 if share else 1)
    if digits == "0":
        return "持平"
    return f"{'▲' if moved > 0 else '▼'} {digits}{' 个百分点' if share else '%'}"


def _row(metric: Metric, figures: EditionFigures) -> str:
    unit = f" {metric.unit}" if metric.unit and metric.format != "percent" else ""
    moves = "，".join(
        f"比{span.called} {change(figures.values.get(metric.code), values.get(metric.code), metric)}"
        for span, values in figures.compared
    )
    return f"**{metric.name}** {shown(figures.values.get(metric.code), metric)}{unit}　{moves}"


def _found(each: Found, figures: EditionFigures, catalogue: Catalogue) -> str:
    metric, threshold = catalogue.metrics[each.threshold.metric], each.threshold
    place = "" if each.shop == ALL else f"{figures.shops.get(each.shop, each.shop)} "
    said = f"{place}{threshold.words}：{metric.name} {shown(each.value, metric)}"
    if threshold.fall is not None:
        said += f"，{figures.compared[-1][0].called} {shown(each.before, metric)}"
    elif threshold.above:
        said += f"（线 {shown(threshold.above, metric)}）"
    if threshold.least and each.counted is not None:
        counted = catalogue.metrics[threshold.least[0]]
        said += f"，{counted.name} {shown(each.counted, counted)}"
    return said


def _trimmed(value: Decimal, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
