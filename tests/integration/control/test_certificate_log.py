"""Certificates are kept, the newest counts; backfill plans are found by what became of them and hold no watermark."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.control.plans import Plans
from jst.model.certificate import Certificate
from tests.support.other_processes import Workers, line
from tests.support.plan_story import MODULE, NOON, add, begin, complete_mark, load, pull

pytestmark = pytest.mark.postgres
DAY = date(2026, 2, 28)
GOOD = Certificate(DAY, MODULE, rows=12, keys=10, source_amount=Decimal("99.5000"), our_amount=Decimal("99.5000"))
ISSUE = """
import os, sys
from datetime import date
from decimal import Decimal
from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.model.certificate import Certificate

with Database(os.environ["JST_CONTROL_DSN"]) as database:
    certificates = CertificateLog(database)
    certificate = Certificate(date(2026, 2, 28), "sale_out", 1, 1, Decimal(1), Decimal(1))
    print(*[certificates.issue(certificate, "jst_backfill", sys.argv[1]) for _ in range(20)], flush=True)
"""


def test_every_check_leaves_a_certificate_and_the_last_one_counts(database: Database) -> None:
    certificates = CertificateLog(database)
    bad = replace(GOOD, missing=2, reasons=("io_date 04–08 点：缺失 2 条（1、2）",))
    for certificate in (bad, replace(GOOD, exceptions=1), GOOD):
        certificates.issue(certificate, "jst_backfill", "run-1")
    certificates.issue(replace(GOOD, module="after_sale"), "jst_backfill", "run-1")
    found = {issued.certificate.module: issued for issued in certificates.of_day(DAY)}
    assert (found[MODULE].certificate, found[MODULE].number) == (GOOD, 3)
    assert found["after_sale"].number == 1
    states = database.rows("SELECT state, reasons FROM certificate WHERE module = 'sale_out' ORDER BY number")
    assert states == [("open", list(bad.reasons)), ("excepted", []), ("proven", [])]
    assert certificates.of_day(date(2026, 3, 1)) == []


def test_two_checks_at_once_get_a_number_each(database: Database, postgres_dsn: str) -> None:
    with Workers(postgres_dsn) as workers:
        both = [line(process) for process in [workers.start(ISSUE, name) for name in ("a", "b")]]
    assert sorted(int(number) for numbers in both for number in numbers.split()) == list(range(1, 41))


def test_a_backfill_plan_holds_the_complete_watermark_back_at_no_stage(database: Database) -> None:
    plans = Plans(database)
    begin(plans, MODULE, NOON)
    live = pull(plans, add(plans, 0, 600))
    load(plans, live)
    plan = add(plans, 60, 120, origin="backfill")
    assert complete_mark(plans) == 600
    given = pull(plans, plan, proof="", reason="对不上")
    assert complete_mark(plans) == 600
    load(plans, given)
    load(plans, pull(plans, add(plans, 600, 660)))
    assert complete_mark(plans) == 660
    assert CertificateLog(database).outcomes([plan.plan_id])[plan.plan_id].state == "open"


def test_what_was_pulled_since_the_run_began_is_not_left(database: Database) -> None:
    plans, certificates = Plans(database), CertificateLog(database)
    done, lost, waiting = (add(plans, 60 * number, 60 * number + 60, origin="backfill") for number in range(3))
    began = certificates.now()
    every = [plan.plan_id for plan in (done, lost, waiting)]
    assert certificates.not_pulled_since(every, began) == set(every)
    load(plans, pull(plans, done))
    plans.pull_again(MODULE, [(lost.plan_id, pull(plans, lost).attempt)])
    assert certificates.not_pulled_since(every, began) == {lost.plan_id, waiting.plan_id}
    assert certificates.not_pulled_since(every, certificates.now()) == set(every)
