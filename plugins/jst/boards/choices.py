"""What a viewer may choose among, and what was chosen: an address says shop, platform, category and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jst.boards.panel_question import Chosen
from jst.boards.scopes import BOARDS, Scope, Scopes
from jst.errors import Misconfigured
from jst.warehouse.sql import statement

_NAMES = {"shop": "店铺", "platform": "平台", "category": "分类", "day": "日期"}


@dataclass(frozen=True, slots=True)
class Choices:
    """``shops``: (number, name, platform) of those the viewer may see; ``categories``: of all goods."""

    shops: Sequence[tuple[int, str, str]]
    categories: Sequence[str]

    def listed(self, names: Sequence[str]) -> dict[str, list[dict[str, str]]]:
        """List the values of these filters as a page shows them; days are chosen by a calendar."""
        return {
            name: [{"value": value, "name": shown} for value, shown in self._values(name)]
            for name in names
            if name != "day"
        }

    def chosen(self, names: Sequence[str], given: Mapping[str, Sequence[str]], last: date) -> Chosen:
        """Read what an address says of these filters; days are none after ``last``. Raises Misconfigured with a
        sentence for a filter the board does not have and a value the viewer cannot choose."""
        values = []
        for name in (name for name in _NAMES if given.get(name)):
            if name not in names:
                raise _refused(f"这个看板不按{_NAMES[name]}筛选")
            if name == "day":
                continue
            known = {value for value, _ in self._values(name)}
            if unknown := sorted(set(given[name]) - known):
                raise _refused(f"{_NAMES[name]}里没有 {'、'.join(unknown)[:100]}，或您看不到它")
            values.append((name, tuple(sorted(set(given[name])))))
        days = tuple(sorted({_day(text, last) for text in given.get("day", ())}))
        return Chosen(tuple(values), days)

    def _values(self, name: str) -> list[tuple[str, str]]:
        if name == "shop":
            return [(str(number), shown or str(number)) for number, shown, _ in self.shops]
        if name == "platform":
            return [(each, each) for each in sorted({platform for *_, platform in self.shops if platform})]
        return [(each, each) for each in self.categories]


def ask_choices(scopes: Scopes, viewer: str, scope: Scope) -> Choices:
    """Ask ClickHouse as the viewer. Raises as ``Scopes.ask_within`` does."""
    rows = scopes.ask_within(BOARDS, viewer, scope, statement("boards/choices"), {})
    return Choices(*rows[0])


def _day(text: str, last: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _refused(f"日期 {text[:20]!r} 不对") from None
    if day > last:
        raise _refused(f"{day.isoformat()} 还没有到")
    return day


def _refused(what: str) -> Misconfigured:
    return Misconfigured(what, do="改正地址里的筛选条件，或去掉它")
