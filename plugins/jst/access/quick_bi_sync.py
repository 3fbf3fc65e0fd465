"""Keep 瓴羊BI's row rules in step with access.user_shop, and prove them by asking as every member."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jst.access.fill import Viewer
from jst.access.proof import Proof
from jst.access.quick_bi import DataSet, QuickBi, QuickBiSettings
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement

TAG_TABLE = "quick_bi_tag"
_FILTER = re.compile(r"(?:shop_id|店铺编号)[`\"]?\s*\)?\s*(?:in\s*\(([^()]*)\)|=\s*('?\w+'?))", re.IGNORECASE)
_EITHER = re.compile(r"\bOR\b|BI\s*=\s*BI", re.IGNORECASE)


def fill_tags(warehouse: Warehouse, settings: QuickBiSettings) -> int:
    """Make ``access.quick_bi_tag`` say what access.user_shop says; returns rows written, withdrawn ones included."""
    parameters = {"account_name": settings.account_name}
    warehouse.execute(statement("access/quick_bi_tag"), parameters, settings=INSERT_SETTINGS)
    return int(warehouse.last_query.progress.written_rows)


class Sync:
    """Row rules of the data sets. ``viewers``: the accounts that are known, with their shops."""

    def __init__(self, quick_bi: QuickBi, settings: QuickBiSettings, viewers: Sequence[Viewer]) -> None:
        self._bi, self._settings, self._viewers = quick_bi, settings, viewers
        members = quick_bi.members()
        self.strangers = {name: user for name, user in members.items() if name not in self._names()}
        self.users = {
            viewer.account: members[settings.name_of(viewer.account)]
            for viewer in viewers
            if settings.name_of(viewer.account) in members
        }

    def _names(self) -> set[str]:
        return {self._settings.name_of(viewer.account) for viewer in self._viewers}

    def absent(self) -> list[str]:
        """List known accounts that are no members: they cannot sign in to 瓴羊BI, so there is nothing to open for
        them."""
        return [viewer.account for viewer in self._viewers if viewer.account not in self.users]

    def apply(self) -> dict[str, int]:
        """Switch every data set's row rules on, hide it from members that no rule names, and make the known accounts
        the rule's members; returns what was changed. Tags are read anew each time: whether they were read before is not
        known."""
        changed = {"switched": 0, "added": 0, "removed": 0}
        self._bi.forget_tags(self._bi.tag_config(TAG_TABLE))
        for data_set in self._settings.data_sets:
            rules, wanted = self._bi.row_rules(data_set), set(self.users.values())
            if rules.miss_hit != "NONE":
                self._bi.hide_from_strangers(data_set)
                changed["switched"] += 1
            if not rules.on:
                self._bi.switch_on(data_set)
                changed["switched"] += 1
            if missing := sorted(wanted - rules.members):
                self._bi.add(data_set, missing)
                changed["added"] += len(missing)
            if surplus := sorted(rules.members - wanted):
                self._bi.remove(data_set, surplus)
                changed["removed"] += len(surplus)
        return changed

    def prove(self) -> list[Proof]:
        """Ask every data set as every member: the known ones see their shops, and their SQL says so; another member of
        the organisation sees nothing."""
        proofs: list[Proof] = []
        for data_set in self._settings.data_sets:
            rules, place = self._bi.row_rules(data_set), f"瓴羊BI {data_set.name}"
            if not rules.on or rules.miss_hit != "NONE":
                proofs.append(Proof("", place, (), (), "行级权限没有打开，或没有命中规则的人能看到全部"))
            for viewer in self._viewers:
                if user := self.users.get(viewer.account):
                    proofs.append(self._asked(viewer.account, viewer.shops, user, data_set, place))
            for name, user in sorted(self.strangers.items())[:1]:
                proofs.append(self._asked(name, frozenset(), user, data_set, place))
        return proofs

    def _asked(self, account: str, shops: frozenset[int], user_id: str, data_set: DataSet, place: str) -> Proof:
        answer = self._bi.seen_by(data_set, user_id)
        seen = tuple(sorted(int(value) for value in answer.values if value.isdecimal()))
        detail = ""
        if foreign := set(answer.values) - set(map(str, shops)):
            detail = f"看到了不属于自己的店铺 {_listed(foreign)}"
        elif shops and (filtered := filtered_shops(answer.sql)) != set(map(str, shops)):
            detail = "SQL 里没有店铺条件" if filtered is None else f"SQL 的店铺条件是 {_listed(filtered)}"
        return Proof(account, place, tuple(sorted(shops)), seen, detail)


def filtered_shops(sql: str) -> set[str] | None:
    """Return the shops an SQL statement is limited to; None when it is not limited, or when that cannot be said for
    sure."""
    found = _FILTER.findall(sql)
    if len(found) != 1 or _EITHER.search(sql):
        return None
    listed, single = found[0]
    return {shop.strip().strip("'\"") for shop in (listed or single).split(",")}


def _listed(shops: Iterable[str]) -> str:
    return "、".join(sorted(shops, key=lambda shop: (len(shop), shop)))
