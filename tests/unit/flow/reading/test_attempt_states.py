"""What of the rows that come again and again is carried: every change of a record, and no copy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from jst.erp.client import Client
from jst.erp.dialect import Page
from jst.flow.attempt import Attempt, Readability
from jst.flow.reading.recently_sent import RecentlySent
from jst.flow.reading.source_clock import SourceClock
from jst.kafka.producer import Batch
from jst.model.module import load_module
from jst.model.plan import Plan
from tests.support.fake_source import NOON, WINDOW, FakeClock

INVENTORY = load_module("inventory")


class Sent:
    """Takes what a batch would send."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.oversize: dict[int, object] = {}

    def send(self, key: str, body: bytes, headers: object) -> None:
        self.bodies.append(body.decode())

    def flush(self) -> list[tuple[int, int]]:
        return [(0, offset) for offset in range(len(self.bodies))]


class OpenApi:
    dialect = "openapi"


def attempt(sent_before: RecentlySent, *, again: bool = False) -> tuple[Attempt, Sent]:
    clock, sent, client = FakeClock(), Sent(), cast(Client, OpenApi())
    plan = Plan("inventory-1", "inventory", "live", WINDOW, WINDOW.start, cursor=1)
    return (
        Attempt(
            INVENTORY, client, plan, 1, cast(Batch, sent), again=again, sent_before=sent_before,
            readability=Readability(INVENTORY), source_clock=SourceClock(INVENTORY, client, clock), clock=clock,
        ),
        sent,
    )  # fmt: skip


def stock(ts: int, defective: int) -> dict[str, Any]:
    return {"sku_id": "A", "qty": 5, "defective_qty": defective, "modified": "2025-09-16 11:58:00", "ts": ts}


def page(*rows: dict[str, Any]) -> Page:
    return Page(
        1,
        rows,
        total=None,
        has_next=False,
        server_time=NOON + timedelta(minutes=1),
        request_id="",
        ticket=1,
        milliseconds=1,
    )


def defects(sent: Sent) -> list[str]:
    return [body.partition('"defective_qty":')[2][0] for body in sent.bodies]


def test_a_state_that_returns_within_one_plan_is_carried_once_more_and_a_copy_is_not() -> None:
    for again in (False, True):
        it, sent = attempt(RecentlySent(), again=again)
        for row in (stock(1200, 0), stock(2200, 7), stock(2200, 7), stock(3200, 0), stock(3200, 0)):
            it.accept(1, page(row))
        assert defects(sent) == ["0", "7", "0"]


def test_a_state_that_returns_to_what_an_earlier_plan_sent_is_carried_once_more() -> None:
    before = RecentlySent()
    first, _ = attempt(before)
    first.accept(1, page(stock(1200, 0)))
    first.acknowledge()
    before.add(first.carried, [], WINDOW)
    it, sent = attempt(before)
    it.accept(1, page(stock(1200, 0), stock(2200, 7), stock(3200, 0)))
    assert defects(sent) == ["7", "0"]
