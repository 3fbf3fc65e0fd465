"""What a panel answers: columns as a page and a file show them, how far its data have come, and its state in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from jst.boards.board_spec import Step, Value, Words
from jst.clock import SHANGHAI
from jst.ledger.english import english
from jst.metrics.catalogue import Period
from jst.metrics.composition import SCALE

State = Literal["ok", "empty", "forbidden", "late", "failed"]
Columns = Mapping[str, Sequence[Any]]
LABELS = {
    "shop_id": ("shop_name",),
    "sku_id": ("sku_name", "properties"),
    "i_id": ("style_name",),
    "wms_co_id": ("warehouse_name", "province"),
    "module": ("module_name",),
}
"""Cut → columns that say in words what it is, by include/sql/boards/labels/<cut>.sql; a module's file says its own."""
SENTENCES = {"forecast_note"}
"""Columns of Chinese sentences, stored when they were made; they are said in English as they leave."""
NOTHING: Words = {"zh": "", "en": ""}


@dataclass(frozen=True, slots=True)
class PanelAnswer:
    """``columns``: name → values of all rows, ``drawn`` their digest; ``as_of``, ``complete_until``: aware, None where
    nothing is known; ``words``: why it is not simply ok, by language; ``period``: the days it is of;
    ``through_marts``: read from small tables that follow the wide ones."""

    columns: Columns
    state: State
    as_of: datetime | None = None
    complete_until: datetime | None = None
    words: Words = field(default_factory=lambda: NOTHING)
    period: Period | None = None
    through_marts: bool = False
    drawn: str = ""

    @property
    def hash(self) -> str:
        """Return what changes when something is to be drawn anew; stamps alone change nothing."""
        return digest([self.drawn, self.state, self.words])

    def in_state(self, state: State, words: Words) -> PanelAnswer:
        """Return the same figures in another state."""
        return replace(self, state=state, words=words)

    def columns_in(self, lang: str) -> Columns:
        """Return the columns with their sentences in one language."""
        if lang == "zh":
            return self.columns
        return {
            name: [value and english(value) for value in values] if name in SENTENCES else values
            for name, values in self.columns.items()
        }

    def rendered(self, lang: str) -> dict[str, Any]:
        """Return it as JSON has it, words in one language."""
        return {
            "columns": self.columns_in(lang),
            "state": self.state,
            "hash": self.hash,
            "as_of": iso(self.as_of),
            "complete_until": iso(self.complete_until),
            "words": self.words[lang],
        }


def digest(content: Any) -> str:
    """Return a short hash of what JSON can say."""
    return blake2b(msgspec.json.encode(content), digest_size=9).hexdigest()


def iso(moment: datetime | None) -> str | None:
    """Return a moment as text with Shanghai's offset."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds") if moment else None


def columns_of(step: Step, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Turn rows into columns of texts and numbers: amounts as text with their decimals, so that no reader rounds
    them."""
    formats = {value.column: value.metric.format for value in step.values}
    return {name: [_text(row[at], formats.get(name, name)) for row in rows] for at, name in enumerate(names)}


def labelled(columns: Mapping[str, list[Any]], labels: Mapping[str, Mapping[Any, Sequence[Any]]]) -> Columns:
    """Put words beside every cut that has some; ``labels``: cut → its value → words. A name that is not known is the
    value itself."""
    shown: dict[str, Sequence[Any]] = {}
    for name, values in columns.items():
        shown[name] = values
        for at, label in enumerate(LABELS.get(name, ()) if name in labels else ()):
            shown[label] = [labels[name].get(value, ("",) * (at + 1))[at] or _unnamed(label, value) for value in values]
    return shown


def _unnamed(label: str, value: Any) -> str:
    return str(value) if label.endswith("_name") else ""


def is_nothing(step: Step, columns: Columns) -> bool:
    """Say whether there is nothing to show: no row, one row of totals in which nothing flowed, or no warehouse because
    the source gives totals only (warehouse 0)."""
    if "wms_co_id" in step.by:
        return not any(columns["wms_co_id"])
    if step.orders or step.by:
        return not any(columns.values())
    return all(_is_naught(value, columns[value.column][0]) for value in step.values if value.column in columns)


def _is_naught(value: Value, shown: Any) -> bool:
    return shown is None or (not value.metric.rows.level and Decimal(shown) == 0)


def _text(value: Any, form: str) -> Any:
    """``form``: a metric's format, or the name of a cut or another column."""
    if value is None:
        return None
    if form in ("money", "percent", "number") or form.endswith("_amount"):
        scale = SCALE.get(form, 2)
        return str(Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))
    if form == "quantity" or isinstance(value, Decimal):
        return f"{Decimal(value).normalize():f}"
    if form == "count":
        return int(value)
    if form == "hour":
        return f"{value:02d}"
    if isinstance(value, datetime):
        at = value.astimezone(SHANGHAI) if value.tzinfo else value
        return at.strftime("%Y-%m-%d %H:%M" if form == "minute" else "%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value
