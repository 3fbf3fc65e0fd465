"""What each rule finds now: metrics of ClickHouse, questions to the control database, red findings of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jst.alerts.judge import Crossing, is_bad
from jst.alerts.rule_question import RuleQuestion, question
from jst.alerts.rules import SELLERS, SHOP, Rule, RuleValue
from jst.boards.scopes import BOARDS, Scopes
from jst.boards.shop_owners import shop_owners
from jst.control import troubles
from jst.control.database import Database
from jst.ledger.facts import read
from jst.ledger.findings import findings
from jst.ledger.titles import titles
from jst.messages.channels import UNOWNED
from jst.metrics.catalogue import Catalogue
from jst.model.module import module_names
from jst.warehouse.sql import statement

SHOP_CUT = "shop_id"
_LABELS = {"sku_id", "i_id", "shop_id", "wms_co_id"}
_PERIODS = {"now": "", "today": "今日", "yesterday": "昨日", "yesterday_and_today": "昨日起", "last_7_days": "近 7 日",
            "same_day_last_week": "上周同日", "last_30_days": "近 30 日", "this_month": "本月"}  # fmt: skip
_AGAINST = {"yesterday": "昨日", "same_day_last_week": "上周同日", "week_mean": "前 7 日均值"}


class Crossings:
    """Asks what rules ask, as ``viewer``, who sees all shops and no cost."""

    def __init__(self, catalogue: Catalogue, scopes: Scopes, viewer: str, database: Database) -> None:
        self._catalogue, self._scopes, self._viewer, self._database = catalogue, scopes, viewer, database

    def of(
        self, rule: Rule, now: datetime, as_of: datetime, known: Collection[str], days: Sequence[date] = ()
    ) -> list[Crossing]:
        """Return the subjects of a rule that are not calm. ``as_of``: the moment the data are of; ``known``: subjects
        whose names and owners are known already; ``days``: a past day instead of today. Raises Retry when a server is
        away."""
        if rule.control:
            rows = self._database.rows(statement(f"alerts/{rule.control}"), now=now)
            return [
                Crossing(subject, f"{titles([subject])}：{what}", Decimal(value), keys={"title": rule.title})
                for subject, value, what in rows
            ]
        if rule.ledger:
            return list(self._of_ledger(rule, known))
        asked = question(self._catalogue, rule, as_of, days)
        return self._described(rule, self._rows(asked), known)

    def _of_ledger(self, rule: Rule, known: Collection[str]) -> Iterator[Crossing]:
        """Yield what is red there. While a server is away, that is the incident; what waits for it is no second one."""
        look = read(self._database, module_names())
        away = any(each.kind == troubles.INCIDENT for each in look.facts.incidents)
        for found in findings(look):
            subject = f"{found.key} {' '.join(found.modules)}".strip()
            if found.level == "bad" and found.key in rule.ledger and (subject in known or not away):
                yield Crossing(subject, found.what, keys={"title": rule.title})

    def _rows(self, asked: RuleQuestion) -> list[tuple[Any, ...]]:
        """Ask as a viewer who is known at this moment: to a stranger everything would be calm."""
        if asked.reader == BOARDS and self._scopes.kept(self._viewer) is None:
            self._scopes.ask(self._viewer)
        return [tuple(row) for row in self._scopes.ask_as(asked.reader, self._viewer, asked.sql, asked.parameters)]

    def _described(self, rule: Rule, rows: list[tuple[Any, ...]], known: Collection[str]) -> list[Crossing]:
        cuts = len(rule.by)
        found = {"|".join(map(str, row[:cuts])): row for row in rows if row[cuts] is not None}
        new = {
            subject: dict(zip(rule.by, row[:cuts], strict=True))
            for subject, row in found.items()
            if subject not in known and is_bad(rule, Crossing(subject, "", Decimal(str(row[cuts]))))
        }
        names = self._names(rule, new.values())
        owners, keys = self._owners(rule, new), self._keys(rule, new)
        return [
            Crossing(
                subject,
                _sentence(rule, subject, names, row),
                Decimal(str(row[cuts])),
                owners.get(subject, ()),
                {"title": rule.title, **keys.get(subject, {})},
            )
            for subject, row in found.items()
        ]

    def _boards(self, name: str, **parameters: Any) -> Sequence[Sequence[Any]]:
        return self._scopes.ask_as(BOARDS, self._viewer, statement(name), parameters)

    def _names(self, rule: Rule, subjects: Collection[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
        """Return cut → value → what people call it."""
        names: dict[str, dict[str, str]] = {}
        for cut in rule.by:
            if cut in _LABELS and subjects:
                wanted = tuple({each[cut] for each in subjects})
                rows = self._boards(f"boards/labels/{cut}", keys=wanted)
                names[cut] = {str(key): " ".join(filter(None, words)) for key, *words in rows}
        return names

    def _owners(self, rule: Rule, new: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
        if rule.owner not in (SHOP, SELLERS) or not new:
            return {}
        shops = {subject: {int(keys[SHOP_CUT])} for subject, keys in new.items()} if rule.owner == SHOP else {}
        if rule.owner == SELLERS:
            by_sku: dict[str, set[int]] = {}
            skus = tuple({str(keys["sku_id"]) for keys in new.values()})
            for sku, shop in self._boards("alerts/sellers", skus=skus):
                by_sku.setdefault(str(sku), set()).add(shop)
            shops = {subject: by_sku.get(str(keys["sku_id"]), set()) for subject, keys in new.items()}
        owners = shop_owners(self._scopes.ask_as)
        return {
            subject: tuple(dict.fromkeys(who for shop in sorted(each) for who in owners.get(shop) or [UNOWNED]))
            or (UNOWNED,)
            for subject, each in shops.items()
        }

    def _keys(self, rule: Rule, new: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return what a board is filtered by: the shop, or the category of the goods."""
        keys: dict[str, dict[str, Any]] = {}
        if SHOP_CUT in rule.by:
            keys = {subject: {"shop": str(each[SHOP_CUT])} for subject, each in new.items()}
        elif "sku_id" in rule.by and new:
            skus = tuple({str(each["sku_id"]) for each in new.values()})
            categories = {str(sku): category for sku, category in self._boards("alerts/categories", skus=skus)}
            keys = {
                subject: {"category": categories[str(each["sku_id"])]}
                for subject, each in new.items()
                if categories.get(str(each["sku_id"]))
            }
        return keys


def _sentence(rule: Rule, subject: str, names: Mapping[str, Mapping[str, str]], row: Sequence[Any]) -> str:
    """Return 1008 冬款外套 黑：缺货 SKU 数 1 个，近 7 日出库数量 12 件."""
    keys = subject.split("|")
    called = [f"{key} {names.get(cut, {}).get(key, '')}".strip() for cut, key in zip(rule.by, keys, strict=False)]
    figures = [
        _figure(value, figure)
        for value, figure in zip(rule.values, row[len(rule.by) :], strict=True)
        if value.metric.unit != "个"  # of one product it is always 1
    ]
    whole = "全部店铺" if rule.values[0].metric.rows.reader == BOARDS else "整套系统"
    return f"{' · '.join(called) or whole}：{'，'.join(figures)}"


def _figure(value: RuleValue, figure: Any) -> str:
    name = f"{_PERIODS[value.period]}{value.metric.name}"
    if figure is None:
        return f"{name}未知"
    number = Decimal(str(figure))
    if value.against:
        return f"{name}是{_AGAINST[value.against]}的 {number:.1f} 倍"
    if value.metric.format == "percent":
        return f"{name} {number:.2%}"
    shown = f"{number:,.2f}" if value.metric.format == "money" else f"{number.normalize():,f}"
    return f"{name} {shown} {value.metric.unit}"
