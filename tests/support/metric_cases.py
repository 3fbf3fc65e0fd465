"""The cases of ``cases/<code>.yaml``, and the answer ClickHouse gives to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec.yaml
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.metrics.catalogue import WIDE, Catalogue, Period, Question
from tests.support.metric_worlds import FOLDER, World, world_of


@dataclass(frozen=True)
class Case:
    """``facts`` as written: ``in`` which worlds, rows of its own, ``day`` or ``from``, ``to``, ``by``, ``only``,
    ``expect``."""

    code: str
    place: int
    facts: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.code}-{self.place}"

    @cached_property
    def world(self) -> World:
        return world_of(self.facts)

    @cached_property
    def ground(self) -> str:
        """The same text for cases that stand on the same rows."""
        return repr(self.world.rows)

    @property
    def expected(self) -> Any:
        expect = self.facts["expect"]
        if isinstance(expect, dict):
            return {str(key): _number(value) for key, value in expect.items()}
        return _number(expect)

    def question(self, catalogue: Catalogue) -> Question:
        day = self.facts.get("day", self.world.day)
        first, last = self.facts.get("from", day), self.facts.get("to", day)
        as_of = self.world.as_of.replace(tzinfo=SHANGHAI)
        by, only = self.facts.get("by", ()), self.facts.get("only", {})
        return catalogue.question(self.code, Period(first, last, as_of), by, only=only, source=WIDE)


def cases() -> list[Case]:
    """All, those that stand on the same rows side by side."""
    found = [
        Case(path.stem, place, facts)
        for path in sorted((FOLDER / "cases").glob("*.yaml"))
        for place, facts in enumerate(msgspec.yaml.decode(path.read_bytes()), 1)
    ]
    return sorted(found, key=lambda case: case.ground)


def ask(client: Client, question: Question) -> Any:
    """One value, or value by the cuts' values joined with ``|``."""
    rows = client.execute(question.sql, question.parameters)
    if len(rows) == 1 and len(rows[0]) == 1:
        return _number(rows[0][0])
    return {"|".join(map(str, row[:-1])): _number(row[-1]) for row in rows}


def _number(value: Any) -> Any:
    """A day stays what it is."""
    return value if value is None or isinstance(value, date) else Decimal(str(value))
