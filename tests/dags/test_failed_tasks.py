"""A failed task is one incident until it succeeds; what a feed, a check or an absent server says is not said twice."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jst.errors import Misconfigured, Retry, Unproven

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
GONE = Retry("ClickHouse 没有答复", do="恢复", server="ClickHouse")
WRONG = Misconfigured("工作簿没有这一列", do="改工作簿")


def written(dag_id: str, error: Exception | None, away: str = "") -> list[tuple[Any, ...]]:
    """Return what a failure and then a success change, while the feeds report that server ``away`` is."""
    from jst.airflow.failed_tasks import note_failure, note_success

    said: list[tuple[Any, ...]] = []
    known: Any = SimpleNamespace(
        incidents=SimpleNamespace(
            open=lambda *given: said.append(("open", *given)), close=lambda *given: said.append(("close", *given))
        ),
        troubles=SimpleNamespace(standing=lambda server: object() if server == away else None),
    )
    context = {"task_instance": SimpleNamespace(dag_id=dag_id, task_id="load"), "exception": error}
    note_failure(context, lambda work: work(known))
    note_success(context, lambda work: work(known))
    return said


def test_it_is_opened_with_what_to_do_and_closed_by_the_same_name() -> None:
    opened, closed = written("jst_dimensions", WRONG)
    assert opened == (
        "open", "task_failed", "", "jst_dimensions.load", "任务失败：jst_dimensions.load，工作簿没有这一列", "改工作簿"
    )  # fmt: skip
    assert closed == ("close", "task_failed", "", "jst_dimensions.load")


def test_a_task_that_its_trigger_or_a_kill_ended_is_one_too() -> None:
    assert written("lingyang_alerts", None)[0][4].endswith("，原因见任务日志")


@pytest.mark.parametrize(
    ("dag_id", "error", "opens"),
    [
        ("jst_sale_out", WRONG, False),  # feed_stopped
        ("jst_sale_out", GONE, False),  # server_away, when it lasts
        ("jst_sale_out", None, False),  # its trigger has held the feed back, or the next shift goes on
        ("jst_sale_out", KeyError("a fault of ours"), True),
        ("jst_checks", Unproven("不通过", do="看").said_by("check"), False),
        ("jst_checks", KeyError("a fault of ours"), True),
        ("jst_dimensions", Misconfigured("第 3 行不对", do="改").said_by("shops_workbook"), False),
        ("jst_dimensions", GONE, False),  # the feeds say that ClickHouse is away
        ("jst_dimensions", Retry("拒绝了语句", do="看", server="Kafka"), True),  # the feeds find it well
        ("jst_dimensions", Retry("MySQL 不可用", do="恢复", server="MySQL"), True),  # no feed needs it
    ],
)
def test_what_another_incident_says_is_not_said_twice_and_all_else_is(
    dag_id: str, error: Exception | None, opens: bool
) -> None:
    assert [each[0] for each in written(dag_id, error, "ClickHouse")] == [*(["open"] if opens else []), "close"]


def test_every_task_of_ours_notes_both(dags: dict[str, Any]) -> None:
    from jst.airflow.failed_tasks import note_failure, note_success

    for dag in dags.values():
        for task in dag.tasks:
            assert note_failure in task.on_failure_callback, task.task_id
            assert note_success in task.on_success_callback, task.task_id
