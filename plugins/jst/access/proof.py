"""The proof that row policies do what access.user_shop says: each table is asked as every account, through the boards.

Large tables (``day`` in access.yaml) are asked for their last two days: the policy is the same on every row.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from clickhouse_driver import errors as driver_errors

from jst.access.fill import Viewer
from jst.access.server_settings import not_in_force
from jst.access.spec import Access, AccessTable
from jst.errors import Unproven
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement

_ACCESS_DENIED = 497
_OTHERS_QUERIES = "SELECT 1 FROM system.processes LIMIT 1"
NOBODY = ""
Seen = tuple[tuple[int, ...], tuple[int, ...], str]
"""Shops expected, shops seen, what is wrong."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What one account saw in one place; ``detail`` says what is wrong, empty when nothing is."""

    account: str
    place: str
    expected: tuple[int, ...]
    seen: tuple[int, ...]
    detail: str = ""


class Prover:
    """The three logins of a proof: ``etl`` sees everything; ``boards`` and ``finance`` (who reads cost) see what the
    viewer they name may see."""

    def __init__(self, access: Access, etl: Warehouse, boards: Warehouse, finance: Warehouse) -> None:
        self.access, self.etl, self.boards, self.finance = access, etl, boards, finance

    def prove(self, viewers: Sequence[Viewer]) -> list[Proof]:
        """Ask every table as every account, as an unknown account, and as no account at all."""
        strangers = [Viewer(name, frozenset(), finance=False) for name in (f"nobody-{secrets.token_hex(4)}", NOBODY)]
        proofs: list[Proof] = []
        for table in self.access.tables:
            filled, place = _rows(self.etl, table), table.name
            if table.rows == "shop":
                shops = partial(self._shops, table=table, present=self._shops_in(self.etl, table))
                proofs += [_tried(viewer, place, shops) for viewer in viewers]
            if table.rows == "known" and not table.finance:
                known = partial(self._sees_all, table=table, filled=filled)
                proofs += [_tried(viewer, place, known) for viewer in viewers]
            if not table.finance:
                proofs += [_tried(stranger, place, partial(self._sees_none, table=table)) for stranger in strangers]
            if table.needs_finance:
                place = place if table.finance else f"{place}（成本列）"
                cost = partial(self._cost, table=table, filled=filled)
                # of a table of shops each viewer was asked above, as the login that reads it
                asked = strangers if table.rows == "shop" and table.finance else (*viewers, *strangers)
                proofs += [_tried(viewer, place, cost) for viewer in asked]
                read = partial(_rows, self.boards, table, columns=_closed(table))
                proofs.append(_refused("boards", place, read, "成本列"))
        for user, login in (("boards", self.boards), ("boards_finance", self.finance)):
            wrong = "；".join(not_in_force(login, self.access, "boards"))
            proofs.append(Proof(user, "设置", (), (), wrong))
            proofs.append(_refused(user, "系统表", partial(login.execute, _OTHERS_QUERIES), "别人的查询"))
        return proofs

    def _shops(self, viewer: Viewer, table: AccessTable, present: set[int], *, again: bool = False) -> Seen:
        login, own = self.boards, viewer.shops
        if table.finance:
            login, own = self.finance, viewer.shops if viewer.finance else frozenset()
        seen, expected = self._shops_in(login, table, viewer.account), own & present
        wrong = []
        if foreign := seen - own:
            wrong.append(f"看到了不属于自己的店铺 {_listed(foreign)}")
        if missing := expected - seen:
            # a shop's last row may have left the two days between our two questions
            if not again:
                return self._shops(viewer, table, self._shops_in(self.etl, table), again=True)
            wrong.append(f"看不到自己的店铺 {_listed(missing)}")
        return tuple(sorted(expected)), tuple(sorted(seen)), "；".join(wrong)

    def _shops_in(self, warehouse: Warehouse, table: AccessTable, viewer: str = NOBODY) -> set[int]:
        sql = statement("access/shops_in", table=table.name, shop=table.shop, recent=_recent(table))
        return set(warehouse.execute(sql, settings=_named(viewer))[0][0])

    def _sees_all(self, viewer: Viewer, table: AccessTable, filled: bool) -> Seen:
        seen = _rows(self.boards, table, viewer.account)
        return (), (), "已知账号看不到数据" if filled and not seen else ""

    def _sees_none(self, stranger: Viewer, table: AccessTable) -> Seen:
        return (), (), "未知账号看到了数据" if _rows(self.boards, table, stranger.account) else ""

    def _cost(self, viewer: Viewer, table: AccessTable, filled: bool) -> Seen:
        seen = _rows(self.finance, table, viewer.account, _closed(table))
        if seen and not viewer.finance:
            return (), (), "没有财务角色，却看到了成本"
        return (), (), "有财务角色，却看不到成本" if viewer.finance and filled and not seen else ""


def _refused(user: str, place: str, read: Callable[[], object], what: str) -> Proof:
    """Ask for what a login must not read."""
    try:
        read()
    except driver_errors.ServerException as error:
        if error.code == _ACCESS_DENIED:
            return Proof(user, place, (), ())
        raise
    return Proof(user, place, (), (), f"没有拒绝读取{what}")


def _tried(viewer: Viewer, place: str, look: Callable[[Viewer], Seen]) -> Proof:
    """Ask once; a login without the right to read at all is a finding, too."""
    try:
        return Proof(viewer.account, place, *look(viewer))
    except driver_errors.ServerException as error:
        if error.code != _ACCESS_DENIED:
            raise
        return Proof(viewer.account, place, (), (), "查询被拒绝：看板的用户没有读这张表的权限")


def store(warehouse: Warehouse, proofs: Sequence[Proof], now: datetime) -> None:
    """Write the proofs to ``ops.access_proof``, all with the same time."""
    rows = [(now, p.account, p.place, list(p.expected), list(p.seen), int(not p.detail), p.detail) for p in proofs]
    warehouse.execute(statement("access/store_proofs"), rows, settings=INSERT_SETTINGS)


def format_proofs(proofs: Sequence[Proof], viewers: Sequence[Viewer]) -> Iterator[str]:
    """Format the result in Chinese: a line per account, then what is wrong."""
    for viewer in viewers:
        own = [proof for proof in proofs if proof.account == viewer.account]
        seen = sorted({shop for proof in own for shop in proof.seen})
        right = "✓" if not any(proof.detail for proof in own) else "✗"
        role = "，可看成本" if viewer.finance else ""
        yield f"{right} {viewer.account}：应见店铺 {_listed(viewer.shops)}{role}；查到数据的店铺 {_listed(seen)}"
    strangers = [proof for proof in proofs if proof.account not in {viewer.account for viewer in viewers}]
    yield f"{'✗' if any(proof.detail for proof in strangers) else '✓'} 未知账号与未署名的查询：共 {len(strangers)} 项"
    for proof in proofs:
        if proof.detail:
            yield f"✗ {proof.account or '未署名'} 在 {proof.place}：{proof.detail}"


def raise_if_wrong(proofs: Sequence[Proof]) -> None:
    """Raise Unproven when anything is wrong."""
    wrong = [proof for proof in proofs if proof.detail]
    if wrong:
        first = wrong[0]
        raise Unproven(
            f"{len(wrong)} 项权限证明不成立，如 {first.account or '未署名'} 在 {first.place}：{first.detail}",
            do="ClickHouse 的用户、行策略与 include/config/access.yaml 不一致：按 docs/lingyang.md 的“账号”一节重做，"
            "再清除任务；在此之前请勿把看板给人看",
        )


def _rows(warehouse: Warehouse, table: AccessTable, viewer: str = NOBODY, columns: str = "1") -> bool:
    """Say whether the viewer sees at least one row."""
    sql = f"SELECT {columns} FROM {table.name} WHERE {_recent(table)} LIMIT 1"
    return bool(warehouse.execute(sql, settings=_named(viewer)))


def _closed(table: AccessTable) -> str:
    return ", ".join(table.cost) or "*"


def _named(viewer: str) -> dict[str, str]:
    return {"log_comment": viewer} if viewer else {}


def _recent(table: AccessTable) -> str:
    return f"`{table.day}` >= toDate(now('Asia/Shanghai')) - 1" if table.day else "1"


def _listed(shops: Iterable[int]) -> str:
    return "、".join(map(str, sorted(shops))) or "无"
