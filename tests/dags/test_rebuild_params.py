"""What a person may write into the form of jst_rebuild."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.errors import Misconfigured


@pytest.mark.parametrize("text", ["2026-01-02T08:00:00", "2026-01-02 08:00:00", "2026-01-02T00:00:00+00:00"])
def test_a_time_is_beijings_unless_it_says_otherwise(dags: dict[str, Any], text: str) -> None:
    from jst.airflow.operators.rebuild import moment

    assert moment(text, "since") == datetime(2026, 1, 2, 8, tzinfo=SHANGHAI)


def test_an_empty_time_is_none_and_a_wrong_one_is_named(dags: dict[str, Any]) -> None:
    from jst.airflow.operators.rebuild import moment

    assert moment(None, "since") is None
    assert moment("", "until") is None
    with pytest.raises(Misconfigured, match="参数 until 不是时间：昨天"):
        moment("昨天", "until")


def test_a_rebuild_is_dry_and_by_hand_unless_somebody_says_otherwise(dags: dict[str, Any]) -> None:
    dag = dags["jst_rebuild"]
    assert dag.params["dry_run"] is True
    assert dag.params["since"] is None
    assert dag.timetable.can_be_scheduled is False
    assert {task.module for task in dag.tasks} == set(dag.params["modules"])


def test_dimensions_are_replayed_before_what_they_label(dags: dict[str, Any]) -> None:
    dag = dags["jst_rebuild"]
    assert {"rebuild_sku", "rebuild_shop", "rebuild_warehouse"} <= dag.get_task("rebuild_sale_out").upstream_task_ids
