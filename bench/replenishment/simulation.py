"""A shop without dice of its own: people want what they want, and a rule decides every morning what is ordered.

A rule sees what the warehouse's tables would show: what was sold, what came back, what lay on the shelf at the ends of
days. What could not be sold is lost and seen by no rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol
from zlib import crc32

from bench.replenishment.company import Company, Line
from jst.replenishment.terms import Place

_DAY = timedelta(days=1)
MOVE_DAYS = 2
"""What is moved between warehouses is on no shelf for so long."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Days a purchase takes, any number between these as likely as the others; the same for every rule."""

    least: int
    most: int

    def of(self, place: Place, day: date) -> int:
        return self.least + crc32(f"{place[0]}/{place[1] or ''}{day}".encode()) % (self.most - self.least + 1)


@dataclass(slots=True)
class Shelf:
    """A SKU: what is there, what is on its way, and its past days (the last is yesterday)."""

    stock: int
    on_its_way: int = 0
    sold: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    in_stock: list[float] = field(default_factory=list)

    def sell(self, wanted: Iterable[Line]) -> list[tuple[Line, int]]:
        """Live a day; returns each line with what could be sold of it."""
        morning, served = self.stock, list[tuple[Line, int]]()
        for line in wanted:
            qty = min(line.qty, self.stock)
            self.stock -= qty
            served.append((line, qty))
        self.sold.append(sum(qty for _, qty in served))
        self.lines.append(sum(qty > 0 for _, qty in served))
        self.in_stock.append(1.0 if self.stock > 0 else 0.5 if morning > 0 else 0.0)
        return served

    def until(self, day: int) -> Shelf:
        """Return its past as it was on the morning of its n-th day."""
        return Shelf(0, 0, self.sold[:day], self.lines[:day], self.returned[:day], self.in_stock[:day])


@dataclass(frozen=True, slots=True)
class Decision:
    """``bought``: pieces by place; ``moved``: (from, to, pieces)."""

    bought: dict[Place, int]
    moved: tuple[tuple[Place, Place, int], ...] = ()


class Rule(Protocol):
    """Decides what to order."""

    def decide(self, shelves: dict[Place, Shelf], today: date) -> Decision:
        """Return what to buy and move this morning."""


@dataclass(frozen=True, slots=True)
class Result:
    """``lost``: share of the pieces wanted that could not be sold; ``stock``: pieces on the shelves on average, and
    between warehouses; ``orders``, ``moves``: purchases and moves of a SKU in a day."""

    lost: float
    stock: float
    orders: float
    moves: float = 0.0


def run(company: Company, rule: Rule, lead: Lead, history: int, warm: int) -> Result:
    """Let a rule order for all days after ``history`` days in which everything could be sold; the first ``warm`` of
    them are not counted."""
    shelves = opened(company, history, lead)
    arriving: dict[tuple[int, Place], int] = defaultdict(int)
    returning: dict[tuple[date, Place], int] = defaultdict(int)
    wanted = lost = orders = moves = 0
    stock = 0.0
    for day in range(history, len(company.wanted)):
        today, counts = company.first + day * _DAY, day >= history + warm
        for place, shelf in shelves.items():
            come = arriving.pop((day, place), 0)
            shelf.stock, shelf.on_its_way = shelf.stock + come, shelf.on_its_way - come
        decision = rule.decide(shelves, today)
        for place, qty in decision.bought.items():
            shelves[place].on_its_way += qty
            arriving[day + lead.of(place, today), place] += qty
        for source, place, qty in decision.moved:
            shelves[source].stock -= qty
            shelves[place].on_its_way += qty
            arriving[day + MOVE_DAYS, place] += qty
            stock += qty * MOVE_DAYS * counts
        orders += len(decision.bought) * counts
        moves += len(decision.moved) * counts
        for place, shelf in shelves.items():
            back, morning = returning.pop((today, place), 0), shelf.stock
            shelf.stock += back
            shelf.returned.append(back)
            served = shelf.sell(company.wanted[day].get(place, ()))
            for line, qty in served:
                for later, pieces in line.back if qty == line.qty else ():
                    returning[max(later, today + _DAY), place] += pieces
            if counts:
                wanted += sum(line.qty for line, _ in served)
                lost += sum(line.qty - qty for line, qty in served)
                stock += (morning + back + shelf.stock) / 2
    days = len(company.wanted) - history - warm
    return Result(lost / wanted, stock / days, orders / days, moves / days)


def opened(company: Company, history: int, lead: Lead) -> dict[Place, Shelf]:
    """Return shelves with a past in which nothing was missing, and two leads' stock."""
    shelves = {}
    for place in company.shares:
        shelf = Shelf(0)
        for day in company.wanted[:history]:
            lines = day.get(place, [])
            shelf.sold.append(sum(line.qty for line in lines))
            shelf.lines.append(len(lines))
            shelf.returned.append(0)
            shelf.in_stock.append(1.0)
        shelf.stock = 1 + round(sum(shelf.sold[-28:]) / 28 * 2 * lead.most)
        shelves[place] = shelf
    return shelves
