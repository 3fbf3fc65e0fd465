"""Whether a business day is finished: each module's certificate, and its complete watermark beyond midnight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog, Issued
from jst.control.database import Database
from jst.model.module import load_module
from jst.warehouse.sql import statement

_CHECKED_AFTER = timedelta(hours=1, minutes=30)
"""The DAG jst_backfill begins to check a day so long after its end."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A module that keeps a day from being finished: ``why``, in Chinese, and ``since`` when, None: not known."""

    module: str
    title: str
    why: str
    since: datetime | None

    def __str__(self) -> str:
        return f"{self.title}：{self.why}{f'，自 {_shown(self.since)} 起' if self.since else ''}"


class Readiness:
    """Asks the control database."""

    def __init__(self, database: Database, modules: Sequence[str]) -> None:
        self._db, self._modules = database, modules
        self._certificates = CertificateLog(database)

    def missing(self, day: date) -> list[Missing]:
        """List what keeps a day from being finished, by module; nothing: it is."""
        midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
        marks = {row["module"]: row for row in self._db.named_rows(statement("boards/marks"))}
        issued = {each.certificate.module: each for each in self._certificates.of_day(day)}
        found = list[Missing]()
        for module in self._modules:
            mark, title = marks.get(module), load_module(module).title
            complete = mark["complete"] if mark else None
            if complete is None or complete < midnight:
                # the latest reason first: what holds the watermark back holds the certificate back as well
                held = f"（{mark['reason']}）" if mark and mark["reason"] else ""
                found.append(Missing(module, title, f"数据没有齐{held}", complete))
            elif why := _uncertified(issued.get(module)):
                since = issued[module].issued_at if module in issued else midnight + _CHECKED_AFTER
                found.append(Missing(module, title, why, since))
        return found

    def unproven(self, days: Sequence[date]) -> list[str]:
        """List those of the days that some module has no certificate for, as people read them."""
        titles = {module: load_module(module).title for module in self._modules}
        found = list[str]()
        for day in days:
            issued = {each.certificate.module: each for each in self._certificates.of_day(day)}
            lacking = [titles[module] for module in self._modules if _uncertified(issued.get(module))]
            found += [f"{day:%m-%d}（{'、'.join(lacking)}）"] if lacking else []
        return found

    def as_of(self) -> datetime:
        """Return the moment the data of all these modules are of, in Shanghai. Raises ValueError before any was
        read."""
        marks = [row["visible"] for row in self._db.named_rows(statement("boards/marks"))
                 if row["module"] in self._modules]  # fmt: skip
        return min(marks).astimezone(SHANGHAI)  # type: ignore[no-any-return]


def _uncertified(issued: Issued | None) -> str:
    if issued is None:
        return "还没有日证书"
    certificate = issued.certificate
    return f"日证书没有证明：{certificate.reasons[0]}" if certificate.state == "open" else ""


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"
