"""A control database as a working evening leaves it, told with the system's own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from jst.clock import SHANGHAI, SystemClock
from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.plans import Plans
from jst.control.request_budget import PostgresBudget
from jst.control.watermarks import Beginning
from jst.erp.budget import Rate
from jst.ledger.titles import clock
from jst.model.certificate import Certificate
from jst.model.plan import Plan, Receipt
from jst.model.window import Window, floor_second
from jst.model.words import Origin
from tests.support.wait_until import CUT_ALL_OTHERS

LIVE = ("sale_out", "inventory", "after_sale")
RUN = "scheduled__2026-11-26T10:50:00+00:00"


@dataclass
class Memory:
    """What a test writes down, and when: ``now`` is this second."""

    database: Database

    def __post_init__(self) -> None:
        self.plans, self.feeds = Plans(self.database), Holds(self.database)
        self.now = floor_second(datetime.now(SHANGHAI))

    def working(self) -> None:
        """Every module read and proven up to two seconds ago, some requests spent."""
        for module in (*LIVE, "sku"):
            start = self.now - timedelta(minutes=30)
            self.plans.watermarks.start_live(module, Beginning(start, start))
            for since in range(-1800, -2, 120 if module != "sku" else 300):
                self.batch(module, since, min(since + (120 if module != "sku" else 300), -2))
        budget = PostgresBudget(self.database, "erp.example.com/the-app-key", SystemClock())
        for module in LIVE:
            budget.wait_for_slot(module, [Rate(15, 1)], "live")

    def batch(self, module: str, since: int, until: int, *, loaded: bool = True, **facts: Any) -> Plan:
        """A window of seconds before now, pulled (and loaded)."""
        start, end = self.now + timedelta(seconds=since), self.now + timedelta(seconds=until)
        origin: Origin = "refresh" if module == "sku" else "live"
        dag_id = "jst_dimensions" if module == "sku" else f"jst_{module}"
        plan = self.plans.add(module, origin, dag_id, RUN, Window(start, end), start)
        rows = (until - since) * 7
        told: dict[str, Any] = {"requests": 1 + rows // 25, "rows": rows, "keys": rows, "carried": rows, "letters": 0}
        told |= {"total_first": rows, "total_last": rows, "proof": "counted", "offsets": {0: (0, rows)}} | facts
        attempt = self.plans.start_attempt(plan)
        receipt = Receipt(plan_id=plan.plan_id, attempt=attempt, started_at=datetime.now(SHANGHAI), **told)
        self.plans.pulled(plan, receipt)
        if loaded:
            self.plans.loaded(module, [(plan.plan_id, attempt)])
        return replace(plan, attempt=attempt)

    def told(self, seconds: int) -> str:
        """A moment as the page says it."""
        return clock(self.now + timedelta(seconds=seconds), self.now)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody but this memory reaches the control database; Airflow's own, in the same server, works on."""
        self.database.rows("ALTER DATABASE jst_ops CONNECTION LIMIT 0")
        self.database.rows(CUT_ALL_OTHERS)
        try:
            yield
        finally:
            self.database.rows("ALTER DATABASE jst_ops CONNECTION LIMIT -1")

    def certificate(self, days_ago: int, module: str, **facts: Any) -> date:
        """What a backfill would say of that day; returns the day."""
        day = self.now.date() - timedelta(days=days_ago)
        amount = Decimal("9876543.21")
        given = Certificate(day, module, 48_211, 48_190, amount, amount, **facts)
        CertificateLog(self.database).issue(given, "jst_backfill", "backfill__2026-11-24T16:00:00+00:00")
        return day

    def letter(self, plan: Plan, number: int = 0) -> None:
        cause = "字段 qty 的值不能转换为整数。处理：查看死信内容，修正规则后重投"
        LetterIndex(self.database).add(
            [
                LetterEntry(
                    "ods.dead_letters",
                    0,
                    number,
                    plan.module,
                    plan.plan_id,
                    plan.attempt,
                    2,
                    "CK1",
                    "type",
                    cause,
                    b"%d" % number,
                )
            ]
        )
