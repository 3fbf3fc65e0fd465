"""What viewers may see: asked of ClickHouse as each of them, under their own policies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jst.clock import Clock
from jst.errors import Misconfigured, Retry
from jst.warehouse.sql import statement

KEPT_SECONDS = 5.0
"""So long a shop that is taken away may still be seen."""
MOST_VIEWERS = 1_000
Rows = Sequence[Sequence[Any]]
Ask = Callable[[str, str, str, dict[str, Any]], Rows]
"""Login, viewer, SQL, parameters → rows. Blocks; several threads may call it."""
BOARDS = "boards"


class Unregistered(Misconfigured):
    """The viewer is no known account: there is nothing to show, and nothing is kept."""


class RightsMoved(Retry):
    """The viewer's rights changed while an answer was made."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a viewer may see. Equal for all who may see the same; ``seen``: the same as ClickHouse's number."""

    shops: tuple[int, ...]
    roles: tuple[str, ...]
    seen: int

    @property
    def finance(self) -> bool:
        return "finance" in self.roles


class Scopes:
    """Keeps the scope of every viewer for five seconds. Several threads may share it: what they write at once is each
    as good as the other."""

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self._kept: OrderedDict[str, tuple[float, Scope]] = OrderedDict()

    def kept(self, viewer: str) -> Scope | None:
        """Return the scope if it was asked within five seconds."""
        asked, scope = self._kept.get(viewer, (0.0, None))
        return scope if scope is not None and self._clock.monotonic() - asked < KEPT_SECONDS else None

    def ask(self, viewer: str) -> Scope:
        """Ask ClickHouse. Raises Unregistered for an account that is not known."""
        self.forget(viewer)
        asked = self._clock.monotonic()
        ((shops, roles, seen),) = self._ask(BOARDS, viewer, statement("boards/scope"), {})
        if "viewer" not in roles:
            raise Unregistered(
                f"账号未登记：{viewer}（account not registered）",
                do="请管理员在店铺工作簿的“负责人账号”或 include/config/access.yaml 里登记这个账号，五分钟内生效",
            )
        scope = Scope(tuple(shops), tuple(roles), seen)
        while len(self._kept) >= MOST_VIEWERS:
            self._kept.popitem(last=False)
        self._kept[viewer] = (asked, scope)
        return scope

    def forget(self, viewer: str) -> None:
        """Let the next one who looks ask again."""
        self._kept.pop(viewer, None)

    def ask_as(self, reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        """Ask a statement whose answer is kept for no other viewer."""
        return self._ask(reader, viewer, sql, parameters)

    def ask_within(self, reader: str, viewer: str, scope: Scope, sql: str, parameters: dict[str, Any]) -> Rows:
        """Ask a statement whose last column is ``seen``; returns the rows without it. Raises RightsMoved when they were
        made under other rights than ``scope``: they must not be kept for those who have it."""
        rows = self._ask(reader, viewer, sql, parameters)
        # an answer without rows says nothing about its rights
        seen = {row[-1] for row in rows} or {self.ask(viewer).seen}
        if seen != {scope.seen}:
            self.forget(viewer)
            raise RightsMoved("权限刚刚变动", do="稍后自动重试", server="ClickHouse")
        return [row[:-1] for row in rows]
