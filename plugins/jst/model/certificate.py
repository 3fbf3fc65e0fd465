"""What a check of a business day found, and what that says of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jst.model.words import CERTIFICATE_STATE_TITLES, CertificateState


@dataclass(frozen=True, slots=True)
class Certificate:
    """The result of one day's check. ``rows`` the source gave, of ``keys`` distinct records. Amounts: of the day's
    records whose version the tables and the source agree on (gmv, refunds, stock quantity). ``moved``: changed again
    while they were compared. ``exceptions``: parked letters. ``reasons``: why the day is open, hours first, in
    Chinese."""

    day: date
    module: str
    rows: int
    keys: int
    source_amount: Decimal
    our_amount: Decimal
    missing: int = 0
    surplus: int = 0
    different: int = 0
    moved: int = 0
    exceptions: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def state(self) -> CertificateState:
        if self.reasons:
            return "open"
        return "excepted" if self.exceptions else "proven"

    def __str__(self) -> str:
        facts = [
            f"{self.day} {self.module} {CERTIFICATE_STATE_TITLES[self.state]}",
            f"源端 {self.rows} 行、{self.keys} 个主键",
            f"金额 源端 {self.source_amount:,} 我方 {self.our_amount:,}",
            f"缺失 {self.missing}，多出 {self.surplus}，版本不同 {self.different}",
        ]
        if self.moved:
            facts.append(f"核对期间又有变更 {self.moved}（已是新版本）")
        if self.exceptions:
            facts.append(f"例外（已搁置的死信）{self.exceptions} 条")
        return "；".join(facts)
