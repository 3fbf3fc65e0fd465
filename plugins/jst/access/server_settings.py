"""What a server makes of the settings that access.yaml hangs safety on: which it lacks, which are not in force."""

from __future__ import annotations

from collections.abc import Iterator

from jst.access.spec import Access
from jst.warehouse.cluster import Warehouse


def lacking(warehouse: Warehouse, access: Access) -> list[str]:
    """Say in Chinese, a sentence each, which settings this server does not know and what is lost without them."""
    known = {name for (name,) in warehouse.execute("SELECT name FROM system.settings")}
    return [
        f"这台 ClickHouse 没有设置 {new.name}（{'.'.join(map(str, new.version))} 起才有）。{new.lost}"
        for new in access.since
        if new.name not in known
    ]


def not_in_force(login: Warehouse, access: Access, profile: str) -> Iterator[str]:
    """Say in Chinese which settings of a login's profile it does not have, or could change itself. A setting the server
    does not know is no finding here."""
    wanted, changeable = access.profiles[profile].settings, access.profiles[profile].changeable
    instead = {name: value for new in access.since for name, value in new.before.items()}
    for name, value, fixed in login.execute("SELECT name, value, readonly FROM system.settings"):
        if name not in wanted or name in changeable:
            continue
        if value not in (str(wanted[name]), str(instead.get(name, wanted[name]))):
            yield f"设置 {name} 是 {value}，应为 {wanted[name]}"
        elif not fixed:
            yield f"设置 {name} 可以由查询自己改"
