"""Who may see what: ``include/config/access.yaml`` becomes the rights of every ClickHouse user."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, read_facts

SPEC = INCLUDE / "config" / "access.yaml"
NAMED, STRANGER = "getSetting('log_comment')", "currentUser()"
"""Who is looking: the account the boards name; for a login that is not in the spec, an account of its own name."""
WALL_PREFIX = "wall:"
"""Begins the account of a wall display; no person's account may have a colon."""
_OWN_SHOPS = "{shop} IN (SELECT shop_id FROM access.user_shop FINAL WHERE account = {viewer})"
_HAS_ROLE = "{viewer} IN (SELECT account FROM access.user_role FINAL WHERE role = '{role}')"
_OWN_ROWS = "account = {viewer}"
_SIZES = "marks_bytes, primary_key_size, secondary_indices_compressed_bytes, secondary_indices_marks_bytes"
_BLOCKS = "data_version, max_block_number, partition_id"
_WHAT_THERE_IS = (
    ("GRANT", "SELECT ON INFORMATION_SCHEMA.*"),
    ("GRANT", "SELECT ON information_schema.*"),
    ("GRANT", f"SELECT(active, database, {_BLOCKS}, {_SIZES}, table) ON system.parts"),
)
"""Where tools look for tables and columns: each reader finds there what it may read. ClickHouse's information_schema
adds sizes of indices up; boards see by the numbers of blocks whether anything was written."""


@dataclass(frozen=True, slots=True)
class AccessTable:
    """One table or view. ``rows``: which rows a person sees: shop, known, self. ``day``: a proof looks at its last two
    days only. ``finance``: only role finance reads it at all."""

    name: str
    rows: str
    day: str = ""
    cost: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    finance: bool = False

    @property
    def shop(self) -> str:
        """Column of the shop's number, as SQL."""
        return "`店铺编号`" if self.name.startswith("bi.") else "shop_id"

    @property
    def needs_finance(self) -> bool:
        """Whether some of it is for role finance only."""
        return self.finance or bool(self.cost)


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings of a login. ``changeable``: what a reader may set itself, within min and max."""

    settings: dict[str, int]
    changeable: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class NewSetting:
    """A setting that servers before ``version`` do not know. ``before``: what is set there instead; ``lost``: what they
    do without it."""

    name: str
    version: tuple[int, int]
    before: dict[str, int]
    lost: str


@dataclass(frozen=True, slots=True)
class User:
    """A ClickHouse user. ``rights``: (GRANT or REVOKE, of what), in order; ``filters``: table → condition of rows."""

    name: str
    title: str
    profile: str
    sees: str
    rights: tuple[tuple[str, str], ...]
    filters: dict[str, str]


@dataclass(frozen=True, slots=True)
class People:
    """Accounts of persons beside the owners of shops; ``owners_buy``: whether these have role buyer; ``personal``:
    ClickHouse login → account; ``walls``: account of a wall display → its shops, None: all."""

    finance: tuple[str, ...]
    all_shops: tuple[str, ...]
    personal: dict[str, str]
    walls: dict[str, tuple[int, ...] | None] = field(default_factory=dict)
    buyers: tuple[str, ...] = ()
    owners_buy: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """All of the spec; ``strangers``: the conditions for a login that is not in it, so that it sees what is its own."""

    tables: tuple[AccessTable, ...]
    since: tuple[NewSetting, ...]
    profiles: dict[str, Profile]
    users: tuple[User, ...]
    people: People
    strangers: dict[str, str]

    def settings_of(self, profile: str, version: tuple[int, int] | None = None) -> dict[str, int]:
        """Return the settings of a profile as a server of ``version`` knows them; None: all."""
        settings = dict(self.profiles[profile].settings)
        for new in self.since:
            if version and version < new.version and settings.pop(new.name, None) is not None:
                settings |= new.before
        return settings


def load_access(path: Path = SPEC) -> Access:
    """Read access.yaml. Raises Misconfigured naming file and key."""
    facts = read_facts(path, INCLUDE / "config" / "access.schema.json", "权限文件")
    tables = tuple(
        AccessTable(
            name,
            table["rows"],
            table.get("day", ""),
            tuple(table.get("cost", ())),
            tuple(table.get("hidden", ())),
            table.get("finance", False),
        )
        for name, table in facts["tables"].items()
    )
    persons = facts["people"]
    walls = {
        f"{WALL_PREFIX}{name}": None if wall["shops"] == "all" else tuple(wall["shops"])
        for name, wall in facts.get("walls", {}).items()
    }
    people = People(
        tuple(persons["finance"]),
        tuple(persons["all_shops"]),
        persons["personal"],
        walls,
        tuple(persons.get("buyers", ())),
        persons.get("owners_buy", False),
    )
    users = [_user(name, user, tables) for name, user in facts["users"].items()]
    users += [
        _person(login, account, tables, finance=account in people.finance) for login, account in people.personal.items()
    ]
    names = [user.name for user in users]
    profiles = {
        name: Profile(profile["settings"], profile.get("changeable", {})) for name, profile in facts["profiles"].items()
    }
    for user in users:
        if user.profile not in profiles:
            raise Misconfigured(f"权限文件里 {user.name} 的 profile {user.profile} 没有定义", do=f"改正 {path.name}")
        if names.count(user.name) > 1:
            raise Misconfigured(f"权限文件里 {user.name} 既是系统用户又是个人账号", do=f"在 {path.name} 里换一个名字")
    since = tuple(
        NewSetting(name, version_of(new["version"]), new.get("before", {}), new["lost"])
        for name, new in facts["since"].items()
    )
    return Access(tables, since, profiles, tuple(users), people, _filters(tables, STRANGER, cost=False))


def version_of(text: str) -> tuple[int, int]:
    """Return a server's version as two numbers: ``24.8.4.1`` is (24, 8). Raises ValueError when it is none."""
    year, number = text.split(".")[:2]
    return int(year), int(number)


def _user(name: str, facts: dict[str, Any], tables: tuple[AccessTable, ...]) -> User:
    sees, finance = facts["sees"], facts.get("finance", False)
    own = tuple(("GRANT", grant.removeprefix("GRANT ")) for grant in facts.get("grants", ()))
    if sees == "nothing" or name == "etl":
        return User(name, facts["title"], facts["profile"], sees, own, _everything(tables) if name == "etl" else {})
    # cost has a login of its own: a trusted one that reads it can then not show it by mistake
    closed = facts.get("through_views", ())
    read = tuple(
        table
        for table in tables
        if (table.needs_finance if finance else not table.finance) and table.name not in closed
    )
    if sees == "everything":
        read = tuple(table for table in read if table.rows != "self")
        filters = _everything(read)
    else:
        read += tuple(table for table in tables if finance and table.rows == "self")
        filters = _filters(read, NAMED, cost=finance)
    return User(name, facts["title"], facts["profile"], sees, own + _reading(read, cost=finance), filters)


def _person(login: str, account: str, tables: tuple[AccessTable, ...], *, finance: bool) -> User:
    read = tuple(table for table in tables if finance or not table.finance)
    rights, filters = _reading(read, cost=finance), _filters(read, f"'{account}'", cost=finance)
    return User(login, "个人账号", "personal", "himself", rights, filters)


def _reading(tables: tuple[AccessTable, ...], *, cost: bool) -> tuple[tuple[str, str], ...]:
    """Grant all columns, then revoke what is closed: a new column is open, as it is to every reader of the table."""
    granted = [("GRANT", f"SELECT ON {table.name}") for table in tables]
    closed = {table.name: table.hidden + (() if cost else table.cost) for table in tables}
    revoked = [("REVOKE", f"SELECT({', '.join(names)}) ON {table}") for table, names in closed.items() if names]
    return (*granted, *revoked, *_WHAT_THERE_IS)


def _everything(tables: tuple[AccessTable, ...]) -> dict[str, str]:
    """Allow every row explicitly: whether a user without a policy sees all or nothing is a switch of the server."""
    return {table.name: "1" for table in tables}


def _filters(tables: tuple[AccessTable, ...], viewer: str, *, cost: bool) -> dict[str, str]:
    return {table.name: _condition(table, viewer, cost=cost) for table in tables}


def _condition(table: AccessTable, viewer: str, *, cost: bool) -> str:
    if table.rows == "self":
        return _OWN_ROWS.format(viewer=viewer)
    for_finance = table.finance or (cost and table.cost)
    finance = _HAS_ROLE.format(viewer=viewer, role="finance") if for_finance else ""
    if table.rows == "known":
        return finance or _HAS_ROLE.format(viewer=viewer, role="viewer")
    shops = _OWN_SHOPS.format(shop=table.shop, viewer=viewer)
    return f"{shops} AND {finance}" if finance else shops
