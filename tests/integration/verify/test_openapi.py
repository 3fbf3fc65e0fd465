"""The same comparison where the source speaks the other dialect: integer ids, three fields for a status, a row's ts."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import pytest

from bench.freshness.endpoints import Endpoints
from bench.freshness.sightings import Sightings
from bench.instruments.live_tables import live_feeds, look_sql
from jst.clock import SHANGHAI
from local.verify.addresses import Addresses
from local.verify.known import Known
from local.verify.run import Verification
from local.verify.subjects import subjects
from tests.support.house import House
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture(scope="module")
def dialect() -> str:
    return "openapi"


def test_tables_the_product_made_are_clean_and_complete(filled: House, verification: Verification) -> None:
    all_findings = verification.run(freeze=False, wait=5)
    assert [str(each) for findings in all_findings for each in findings.first] == []
    for subject, findings in zip(subjects(Known()), all_findings, strict=True):
        truth = filled.sandbox.truth(subject.module)
        assert (findings.table, findings.records) == (subject.table, len(truth))
    assert verification.stale_labels() == {}


def test_there_was_something_to_compare(filled: House) -> None:
    assert any(isinstance(row["as_id"], int) and row["shop_status"] for row in filled.sandbox.truth("after_sale"))
    ((statuses,),) = filled.rows("SELECT groupUniqArray(status) FROM dws.dws_after_sale FINAL")
    assert set(statuses) == {"待审核", "已收货", "已退款", "已取消", "未知"}


def test_the_bench_sees_every_version_and_misses_what_is_not_there(
    filled: House, addresses: Callable[[Sandbox], Addresses]
) -> None:
    feeds, sightings = live_feeds(), Sightings(begin=0)
    with closing(Endpoints(environment(addresses(filled.sandbox)))) as endpoints:
        sightings.look(endpoints.look(look_sql(feeds), 0), time.time())
        for feed in feeds:
            truth = endpoints.truth(feed, datetime(2000, 1, 1, tzinfo=SHANGHAI))
            assert len(truth) == len(filled.sandbox.truth(feed.module))
            assert sightings.never_seen(feed.module, truth, until=2**32) == []
            key, modified = truth.popitem()
            assert sightings.never_seen(feed.module, {key: modified + 1}, until=2**32) == [key]


def environment(addresses: Addresses) -> dict[str, str]:
    """Nobody of Airflow is asked."""
    return {
        "JST_CLICKHOUSE_HTTP": addresses.clickhouse,
        "JST_CLICKHOUSE_USER": addresses.clickhouse_user,
        "JST_CLICKHOUSE_PASSWORD": addresses.clickhouse_password,
        "JST_ERP_URL": addresses.erp,
        **dict.fromkeys(("JST_AIRFLOW_URL", "JST_AIRFLOW_USER", "JST_AIRFLOW_PASSWORD"), ""),
    }
