"""What the daily push asks of PostgreSQL: whether a day is finished, and that an edition is there once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.messages.message import Message
from jst.messages.outbox import Outbox
from jst.model.certificate import Certificate
from jst.push.editions import load_push
from jst.push.readiness import Readiness
from jst.push.slots import Slots

pytestmark = pytest.mark.postgres
DAY = date(2026, 11, 29)
MIDNIGHT = datetime(2026, 11, 30, tzinfo=SHANGHAI)
DAILY = load_push().editions["daily"]


def complete(database: Database, module: str, until: datetime, reason: str = "") -> None:
    for kind in ("read", "complete"):
        database.rows(
            """INSERT INTO watermark (module, kind, value, reason) VALUES (%(module)s, %(kind)s, %(until)s, %(reason)s)
               ON CONFLICT (module, kind) DO UPDATE SET value = excluded.value, reason = excluded.reason""",
            module=module, kind=kind, until=until, reason=reason if kind == "complete" else "",
        )  # fmt: skip


def certify(database: Database, module: str, reasons: tuple[str, ...] = ()) -> None:
    certificate = Certificate(DAY, module, 10, 10, Decimal(5), Decimal(5), reasons=reasons)
    CertificateLog(database).issue(certificate, "jst_backfill", "run")


def test_a_day_is_finished_when_every_module_is_complete_and_certified(database: Database) -> None:
    days = Readiness(database, ("sale_out", "after_sale"))
    assert [each.module for each in days.missing(DAY)] == ["sale_out", "after_sale"]  # nothing was ever read
    complete(database, "sale_out", MIDNIGHT)
    complete(database, "after_sale", MIDNIGHT - timedelta(minutes=20), "pl-7 planned：源端没有答复")
    sale_out, after_sale = map(str, days.missing(DAY))
    assert sale_out == "销售出库：还没有日证书，自 11-30 01:30 起"
    assert after_sale == "售后：数据没有齐（pl-7 planned：源端没有答复），自 11-29 23:40 起"
    certify(database, "sale_out", ("10 时 版本不同 3",))
    certify(database, "after_sale")
    complete(database, "after_sale", MIDNIGHT)
    (late,) = days.missing(DAY)
    assert late.why == "日证书没有证明：10 时 版本不同 3"
    assert days.unproven([DAY]) == ["11-29（销售出库）"]
    certify(database, "sale_out")
    assert days.missing(DAY) == []
    assert days.unproven([DAY]) == []


def word(subject: str, picture: bytes | None = None) -> Message:
    return Message(
        "dingtalk", "report", subject, DAY.isoformat(), MIDNIGHT + timedelta(hours=12), "日报", picture=picture
    )


def test_an_edition_is_there_once_and_no_word_of_it_follows(database: Database) -> None:
    slots = Slots(database)
    assert slots.put(DAILY, DAY, [word("daily.late")], word=True)
    assert not slots.is_put(DAILY, DAY)
    assert slots.put(DAILY, DAY, [word("daily", b"\x89PNG 1"), word("daily.finance", b"\x89PNG 2")])
    assert slots.is_put(DAILY, DAY)
    assert slots.put(DAILY, DAY, [word("daily", b"\x89PNG 3")])  # cleared: another picture of the same slot
    assert not slots.put(DAILY, DAY, [word("daily.skipped")], word=True)
    assert not slots.is_put(DAILY, DAY - timedelta(days=1))
    listed = {posted.message.subject: posted.message_id for posted in Outbox(database).listed()}
    assert sorted(listed) == ["daily", "daily.finance", "daily.late"]
    late = Outbox(database).one(listed["daily.late"])
    assert late is not None
    assert (late.state, late.what) == ("skipped", "这一期已经齐了，不再说它晚了"), "the robot had not taken it yet"
    assert Outbox(database).picture(listed["daily"]) == b"\x89PNG 1"


def test_two_schedulers_at_the_same_moment_put_one(database: Database, postgres_dsn: str) -> None:
    def put(number: int) -> None:
        with Database(postgres_dsn) as own:
            Slots(own).put(DAILY, DAY, [word("daily", b"\x89PNG %d" % number), word("daily.finance")])
            Slots(own).put(DAILY, DAY, [word("daily.late")], word=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))
    assert sorted(posted.message.subject for posted in Outbox(database).listed()) == ["daily", "daily.finance"]
