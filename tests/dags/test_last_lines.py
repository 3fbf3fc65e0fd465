"""Every red task says at the end of its log what happened and what to do."""

from __future__ import annotations

import logging
from typing import Any

import psycopg2
import pytest

from jst.errors import Misconfigured, Where


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            Misconfigured("密钥不对", do="改连接", where=Where(module="sale_out", page=3)),
            ["密钥不对", "位置：模块 sale_out，页 3", "处理：改连接"],
        ),
        # whose connection it was is known where it was used, not here
        (EOFError("Unexpected EOF"), ["意外的错误 EOFError", "处理：把上面的 traceback"]),
        (psycopg2.ProgrammingError("no such table"), ["控制库 jst_ops 拒绝了语句", "处理：运行 DAG jst_schema"]),
        (None, []),
        (KeyError("x"), ["意外的错误 KeyError", "处理：把上面的 traceback"]),
    ],
)
def test_the_last_lines_are_the_sentence(
    error: Exception | None, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    from jst.airflow.last_lines import end_with_the_sentence

    with caplog.at_level(logging.ERROR):
        end_with_the_sentence({"exception": error})
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == len(said)
    assert all(line.startswith(begins) for line, begins in zip(lines, said, strict=True))


def test_every_task_ends_its_red_log_with_them(dags: dict[str, Any]) -> None:
    from jst.airflow.last_lines import end_with_the_sentence

    tasks = [task for dag in dags.values() for task in dag.tasks]
    assert len(tasks) > 40
    for task in tasks:
        assert task.on_failure_callback[-1] is end_with_the_sentence, task.task_id
        assert end_with_the_sentence in task.on_retry_callback, task.task_id
