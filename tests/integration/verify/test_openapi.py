"""The same comparison where the source speaks the other dialect: integer ids, three fields for a status, a row's ts."""

from __future__ import annotations

import pytest

from local.verify.known import Known
from local.verify.run import Verification
from local.verify.subjects import subjects
from tests.integration.conftest import House

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
