"""The figures of an edition: metrics of the catalogue, asked as the edition's viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from jst.boards.scopes import BOARDS, Ask
from jst.errors import Misconfigured
from jst.metrics.catalogue import Catalogue, Period
from jst.push.editions import Edition, Span, Threshold
from jst.warehouse.sql import statement

Value = int | Decimal | None
"""None: unknown, or nothing to divide by."""
Values = Mapping[str, Value]
ALL = 0
"""Stands for all shops together where figures are by shop."""
_NONE: Values = {}


@dataclass(frozen=True, slots=True)
class Found:
    """Something unusual: a ``threshold`` that the ``value`` of a shop crossed, ALL for all together. ``before``: the
    value it fell from; ``counted``: how much there was of what there must be."""

    threshold: Threshold
    shop: int
    value: Value
    before: Value
    counted: Value


@dataclass(frozen=True, slots=True)
class EditionFigures:
    """What an edition says: ``values`` of its span, and of each span it is ``compared`` with; ``shops``: number →
    name."""

    values: Values
    compared: Sequence[tuple[Span, Values]]
    found: Sequence[Found]
    shops: Mapping[int, str]


class FigureReader:
    """Asks ClickHouse. ``ask``: as the boards' logins do it."""

    def __init__(self, catalogue: Catalogue, ask: Ask) -> None:
        self._catalogue, self._ask = catalogue, ask

    def read(self, edition: Edition, span: Span, compared: Sequence[Span], as_of: datetime) -> EditionFigures:
        """Read all an edition says of ``span``. ``as_of``: the moment the data are of. Raises NoAnswer when ClickHouse
        has none, Misconfigured when the edition's viewer sees no shop: its figures would be zeros."""
        shops = self._shops(edition.viewer)
        codes = [*edition.metrics, *_needed(each for each in edition.unusual if not each.by_shop)]
        ours = self._values(edition, codes, span, as_of)
        others = [(each, self._values(edition, codes, each, as_of)) for each in compared]
        return EditionFigures(
            ours[ALL],
            [(each, values[ALL]) for each, values in others],
            self._found(edition, span, compared[-1], as_of, ours, others[-1][1]),
            shops,
        )

    def _found(
        self, edition: Edition, span: Span, before: Span, as_of: datetime,
        ours: Mapping[int, Values], others: Mapping[int, Values],
    ) -> list[Found]:  # fmt: skip
        codes = _needed(each for each in edition.unusual if each.by_shop)
        shops = self._values(edition, codes, span, as_of, by=("shop_id",)) if codes else {}
        shops_before = self._values(edition, codes, before, as_of, by=("shop_id",)) if codes else {}
        found = list[Found]()
        for threshold in edition.unusual:
            now, past = (shops, shops_before) if threshold.by_shop else (ours, others)
            places = {**now, **past} if threshold.fall is not None else now
            for shop in places:
                found += judge(threshold, shop, now.get(shop, _NONE), past.get(shop, _NONE))
        return found

    def _values(
        self, edition: Edition, codes: Sequence[str], span: Span, as_of: datetime, by: Sequence[str] = ()
    ) -> dict[int, dict[str, Value]]:
        """Return shop → code → value; ALL when not cut by shop."""
        period, values = Period(span.first, span.last, as_of), dict[int, dict[str, Value]]()
        for asked, question in self._catalogue.beside(codes, period, by):
            for row in self._ask(BOARDS, edition.viewer, question.sql, question.parameters):
                place = int(row[0]) if by else ALL
                values.setdefault(place, {}).update(zip(asked, row[len(by) :], strict=True))
        return values or ({} if by else {ALL: {}})

    def _shops(self, viewer: str) -> dict[int, str]:
        rows: Any = self._ask(BOARDS, viewer, statement("boards/choices"), {})
        if not rows[0][0]:
            raise Misconfigured(
                f"账号 {viewer} 看不到任何店铺，日报会全是 0",
                do=f"在 include/config/access.yaml 的 people.all_shops 里登记 {viewer}，五分钟内生效；"
                "或改正 push.yaml 的 viewer",
            )
        return {int(number): name or str(number) for number, name, _ in rows[0][0]}


def judge(threshold: Threshold, shop: int, now: Values, before: Values) -> list[Found]:
    """Say whether a shop crossed a threshold. Of a fall there must have been enough before, and nothing now is a fall
    to 0."""
    of = before if threshold.fall is not None else now
    counted = of.get(threshold.least[0]) if threshold.least else None
    if threshold.least and (counted is None or counted < threshold.least[1]):
        return []
    value, past = now.get(threshold.metric), before.get(threshold.metric)
    if threshold.above is not None:
        crossed = value is not None and value > threshold.above
    else:
        assert threshold.fall is not None
        crossed = past is not None and past > 0 and (value or 0) <= past * (1 - threshold.fall)
    return [Found(threshold, shop, value, past, counted)] if crossed else []


def _needed(thresholds: Any) -> list[str]:
    codes = dict.fromkeys(code for each in thresholds for code in (each.metric, *(each.least or ())[:1]))
    return [str(code) for code in codes]
