"""Certificates as a calendar of whole weeks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from jst.clock import SHANGHAI
from jst.ledger.calendar import CalendarDay, days
from jst.ledger.facts import Facts, Ledger
from jst.ledger.rows import CertificateRow
from jst.model.words import CertificateState

NOW = datetime(2026, 11, 26, 0, 10, tzinfo=SHANGHAI)


def certificate(day: int, module: str = "sale_out", state: CertificateState = "proven") -> CertificateRow:
    return CertificateRow(
        date(2026, 11, day), module, state, 9, 9, "1.00", "1.00", 0, 0, 0, 0, [], "jst_backfill", "run", NOW
    )


def calendar(*known: CertificateRow) -> dict[date, CalendarDay]:
    nothing: dict[str, list[Any]] = {name: [] for name in Facts.__dataclass_fields__}
    told = Ledger(NOW, Facts(**{**nothing, "certificates": list(known)}), [])
    return {day.date: day for day in days(told)}


def test_it_ends_with_this_weeks_sunday_and_begins_five_weeks_before_on_a_monday() -> None:
    listed = list(calendar())
    assert (listed[0], listed[-1], len(listed)) == (date(2026, 10, 19), date(2026, 11, 29), 42)


def test_a_day_is_what_its_worst_certificate_says() -> None:
    known = calendar(
        certificate(23), certificate(23, "inventory"), certificate(24), certificate(24, "inventory", "excepted"),
        certificate(25, state="excepted"), certificate(25, "inventory", "open"),
    )  # fmt: skip
    assert [known[date(2026, 11, day)].state for day in (22, 23, 24, 25)] == ["", "proven", "excepted", "open"]
    assert known[date(2026, 11, 22)].said == "11-22 没有证书"


def test_a_day_that_lacks_a_modules_certificate_says_so() -> None:
    known = calendar(certificate(24), certificate(24, "inventory"), certificate(25))
    assert known[date(2026, 11, 25)].said == "11-25 已证明，缺 库存"
    assert known[date(2026, 11, 24)].lacking == []
