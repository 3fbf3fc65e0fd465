"""docs/dags.md and the DAG tables of both READMEs are what the DAGs say."""

from __future__ import annotations

from typing import Any

import pytest

from local.docs import dag_pages


def test_the_pages_are_what_the_dags_say(dags: dict[str, Any]) -> None:
    stale = [path.name for path, text in dag_pages.pages(dags).items() if path.read_text("utf-8") != text]
    assert stale == [], "make docs"


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_a_dag_without_its_line_is_named(dags: dict[str, Any], tongue: str) -> None:
    with pytest.raises(KeyError, match=r"jst_new.*every DAG needs its line"):
        dag_pages.readme_table({**dags, "jst_new": dags["jst_schema"]}, tongue)


def test_every_dag_is_on_the_page_with_all_its_tasks(dags: dict[str, Any]) -> None:
    page = dag_pages.page(dags)
    for dag in dags.values():
        section = page.partition(f"## {dag.dag_display_name}\n")[2].partition("\n## ")[0]
        assert dag.description in section
        assert all(f"| `{task.task_id}` | {task.task_display_name}" in section for task in dag.tasks)


def test_the_front_doors_stay_short_and_name_the_two_commands() -> None:
    for path in dag_pages.READMES.values():
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 160
        assert "make up" in text
        assert "make test" in text
