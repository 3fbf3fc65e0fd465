"""Certificates as a calendar: what is known of every business day of the last weeks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from jst.clock import SHANGHAI
from jst.ledger.facts import Ledger
from jst.ledger.rows import CertificateRow
from jst.ledger.titles import title
from jst.model.words import CERTIFICATE_STATE_TITLES, CertificateState

WEEKS = 6
_WORST: tuple[CertificateState, ...] = ("open", "excepted", "proven")


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One business day. ``state``: the worst of its certificates, '' without any; ``lacking``: modules that have none
    of that day."""

    date: date
    state: CertificateState | Literal[""]
    certificates: Sequence[CertificateRow]
    lacking: Sequence[str]

    @property
    def said(self) -> str:
        if self.state == "":
            return f"{self.date:%m-%d} 没有证书"
        lacking = f"，缺 {'、'.join(map(title, self.lacking))}" if self.lacking else ""
        return f"{self.date:%m-%d} {CERTIFICATE_STATE_TITLES[self.state]}{lacking}"


def days(ledger: Ledger) -> Sequence[CalendarDay]:
    """List full weeks from Monday to Sunday, this week's last; today and later days have no certificate yet."""
    known = ledger.facts.certificates
    modules = sorted({each.module for each in known})
    return [_day(day, known, modules) for day in _weeks(ledger.now.astimezone(SHANGHAI).date())]


def _weeks(today: date) -> Iterator[date]:
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    return (first + timedelta(days=number) for number in range(7 * WEEKS))


def _day(day: date, known: Sequence[CertificateRow], modules: Sequence[str]) -> CalendarDay:
    here = [each for each in known if each.day == day]
    states = {each.state for each in here}
    state: CertificateState | Literal[""] = next((state for state in _WORST if state in states), "")
    lacking = sorted(set(modules) - {each.module for each in here}) if here else ()
    return CalendarDay(day, state, here, lacking)
