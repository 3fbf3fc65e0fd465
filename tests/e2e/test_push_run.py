"""lingyang_daily_push as Airflow runs it, a real browser in its task and a real api-server before that."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from jst.access.fill import fill
from jst.access.spec import load_access
from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.control.database import Database
from jst.messages.outbox import Outbox
from jst.model.certificate import Certificate
from jst.push.editions import load_push
from jst.workbook.shops import read_workbook, store_shops
from local.instance import Instance
from local.layout import SANDBOX_WORKBOOK
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.mark.search
@pytest.mark.parametrize("number", range(DEPTH.of(0, 1)))
def test_a_late_day_is_said_and_its_edition_follows_once(
    airflow: Airflow, house: House, stack: Instance, number: int
) -> None:
    """Due tomorrow, so that it is not over at any hour."""
    airflow.connect(house)
    for login in ("boards", "monitoring"):
        airflow.set(f"clickhouse_{login}", "clickhouse", login=login, password=stack.layout.secrets.clickhouse(login))
    airflow.environment["AIRFLOW__API__BASE_URL"] = stack.airflow()
    store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
    fill(house.warehouse, load_access().people)
    now = datetime.now(SHANGHAI)
    on = (now + timedelta(days=1)).replace(hour=8, minute=30)

    def run(task: str) -> str:
        done = airflow.run("tasks", "test", "lingyang_daily_push", task, on.isoformat())
        return done.stdout + done.stderr

    assert "晚了" in run("say_late_daily")
    with Database(house.dsn) as database:
        (late,) = Outbox(database).listed()
        assert (late.message.subject, late.message.slot) == ("daily.late", f"{now:%Y-%m-%d}")
        midnight = on.replace(hour=0, minute=0)
        for module in load_push().modules:
            for kind in ("read", "complete"):
                database.rows(
                    """INSERT INTO watermark (module, kind, value) VALUES (%(module)s, %(kind)s, %(value)s)
                       ON CONFLICT (module, kind) DO UPDATE SET value = excluded.value""",
                    module=module, kind=kind, value=midnight,
                )  # fmt: skip
            certificate = Certificate(now.date(), module, 1, 1, Decimal(1), Decimal(1))
            CertificateLog(database).issue(certificate, "jst_backfill", "run")
        run("wait_daily")
        said = run("send_daily")
        assert "已放入发件箱，图 2 张" in said, said[-6000:]
        listed = {each.message.subject: each.message for each in Outbox(database).listed()}
        assert set(listed) == {"daily.late", "daily", "daily.finance"}
        assert listed["daily"].title.startswith("经营日报")
        assert any(line.startswith("**出库金额**") for line in listed["daily"].lines)
        assert "已经在发件箱里" in run("send_daily")
        assert len(Outbox(database).listed()) == 3
    assert "不在" in run("send_weekly") or on.weekday() == 0
