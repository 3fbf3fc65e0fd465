"""What a person may write into the form of lingyang_replenishment."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from jst.replenishment.plan_form import load_form, read_params, stored_params
from jst.replenishment.terms import Params


def test_the_form_says_in_chinese_what_to_write_and_begins_with_what_a_plan_assumes(dags: dict[str, Any]) -> None:
    params = dags["lingyang_replenishment"].params
    assert read_params(params.dump()) == Params()
    for name, field in load_form().items():
        param = params.get_param(name)
        assert name in param.schema["title"]
        assert field.title["zh"] in param.schema["title"]
        assert param.description == field.help["zh"]
        assert len(param.description) > 8


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("cover_days", 0, 90),
        ("cover_days", 91, 1),
        ("cover_days", 2.5, 7),
        ("lead_days", -1, 0),
        ("lead_spread_days", "两天", 3),
        ("service_level", 1, 0.999),
        ("pack_size", 0, 24),
        ("budget", 0, None),
        ("budget", "一万", 12000.5),
        ("category", "鞋", ["鞋"]),
        ("warehouse", 11, ["11", 12]),
    ],
)
def test_airflow_refuses_what_cannot_be_right(dags: dict[str, Any], name: str, wrong: Any, right: Any) -> None:
    params = deepcopy(dags["lingyang_replenishment"].params)
    with pytest.raises(ValueError, match=name):
        params[name] = wrong
    params[name] = right
    load_form()[name].read(params[name])


def test_what_was_filled_in_is_read_again_as_it_was() -> None:
    given = {"budget": "12000.50", "category": ["鞋", "帽"], "warehouse": ["12", 11], "lead_days": 9.0}
    params = read_params(given)
    assert (params.warehouse, params.category, params.lead_days) == ((11, 12), ("帽", "鞋"), 9)
    assert read_params(stored_params(params)) == params


def test_a_run_starts_by_hand_and_the_plan_waits_for_its_params(dags: dict[str, Any]) -> None:
    dag = dags["lingyang_replenishment"]
    assert dag.timetable.can_be_scheduled is False
    assert dag.get_task("make_plan").upstream_task_ids == {"check_params"}
    assert dag.get_task("look_back").upstream_task_ids == {"make_plan"}
