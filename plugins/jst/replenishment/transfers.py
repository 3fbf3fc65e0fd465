"""Moves between warehouses: where one runs out while another has more than it needs itself."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from jst.replenishment.demand import Demand
from jst.replenishment.terms import Place, SkuState


@dataclass(frozen=True, slots=True)
class Need:
    """What a SKU in a warehouse needs, in pieces. ``least``: below it something is done; ``target``: what it then gets
    up to, to last for ``cover_days``; ``by_rule``: both are the ERP's bounds, as nothing else is known; ``lost``: yuan
    of margin that is lost until the end of the days to cover if nothing is done; ``lasts``: days until it is empty,
    None: for longer than ``LONGEST_DAYS``."""

    state: SkuState
    demand: Demand
    cover_days: int
    least: int
    target: int
    by_rule: bool
    lost: float
    lasts: float | None

    @property
    def spare(self) -> int:
        """Pieces on its shelf beyond its own need; what is on its way is not there yet."""
        return max(0, math.floor(self.state.available - self.target))


@dataclass(frozen=True, slots=True)
class Move:
    """``qty`` pieces from one warehouse to another."""

    source: Need
    to: Need
    qty: int


def moves(wanted: Sequence[Need], needs: Sequence[Need]) -> list[Move]:
    """Propose moves for those ``wanted`` that are short, in their order, out of all ``needs`` of the same SKU: from
    where most is spare, so that few are enough. None leaves its source below its own need."""
    left: dict[Place, int] = {}
    others: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        if need.spare:
            left[need.state.place] = need.spare
            others[need.state.sku_id].append(need)
    found = list[Move]()
    for need in wanted:
        if need.state.position >= need.least:
            continue
        short = math.ceil(need.target - need.state.position)
        for source in sorted(others[need.state.sku_id], key=lambda other: -left[other.state.place]):
            if qty := min(short, left[source.state.place]):
                found.append(Move(source, need, qty))
                left[source.state.place] -= qty
                short -= qty
    return found
