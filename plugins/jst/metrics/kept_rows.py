"""Which rows a question keeps: values of cuts, as bound parameters and the conditions that name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jst.errors import Misconfigured

Only = Mapping[str, Sequence[str | int]]
"""Values to keep by cut, as text or numbers; days as ISO dates. A cut without a value keeps nothing."""
TIMES = ("day", "hour")
"""Cuts that the rows of a metric make themselves: the tables below have other times, too."""
GOODS = ("sku_id", "i_id", "category")
_NUMBERS = ("shop_id", "wms_co_id", "hour")


@dataclass(frozen=True, slots=True)
class Kept:
    """Values to keep by cut, of the type of their column."""

    values: Mapping[str, tuple[str | int, ...]]

    def where(self, cuts: Iterable[str]) -> str:
        """Compose the condition on these cuts, '' where none is kept."""
        conditions = [_condition(cut, self.values[cut]) for cut in cuts if cut in self.values]
        return f"WHERE {' AND '.join(conditions)}" if conditions else ""

    def parameters(self) -> dict[str, tuple[str | int, ...]]:
        """Return what the conditions bind."""
        return {f"only_{cut}": values for cut, values in self.values.items() if values}

    def within(self, first: date, last: date) -> tuple[date, date]:
        """Narrow a period to the kept days in it, so that no more is read; unchanged where there are none."""
        days = [date.fromisoformat(str(day)) for day in self.values.get("day", ())]
        inside = [day for day in days if first <= day <= last]
        return (min(inside), max(inside)) if inside else (first, last)


def kept(only: Only, names: Mapping[str, str]) -> Kept:
    """Read values as people give them; ``names``: what people call the cuts. Raises Misconfigured for a value that the
    cut cannot have."""
    return Kept({cut: tuple(_value(cut, value, names) for value in values) for cut, values in only.items()})


def _condition(cut: str, values: tuple[str | int, ...]) -> str:
    # an empty list in brackets is no SQL
    return f"{cut} IN %(only_{cut})s" if values else "0"


def _value(cut: str, value: str | int, names: Mapping[str, str]) -> str | int:
    try:
        if cut in _NUMBERS:
            return int(value)
        return date.fromisoformat(str(value)).isoformat() if cut == "day" else str(value)
    except ValueError:
        expected = "2026-11-29 这样的日期" if cut == "day" else "整数"
        raise Misconfigured(f"筛选条件{names[cut]}的值 {value!r} 不对", do=f"改为{expected}") from None
