"""Figures that two logins read stand in one row, in the order of the panel."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from bench.instruments.moved_clock import MovedClock
from jst.boards.board_spec import Step, load_boards
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.panel_question import Chosen
from jst.boards.scopes import Rows, Scope, Scopes
from jst.boards.step_answers import StepAnswers
from jst.clock import SHANGHAI
from jst.metrics.catalogue import load_catalogue

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
FINANCE, OWNER = Scope((101, 102, 103), ("finance", "viewer"), 7), Scope((101,), ("viewer",), 8)


def answered(step: Step, scope: Scope, asked: list[str]) -> dict[str, Any]:
    """The columns of a step of which the boards know two shops and finance three, one without a margin."""

    def ask(reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        asked.append(reader)
        if "dim_shop" in sql:
            return []
        if reader == "boards_finance":
            return [(101, Decimal(5), Decimal(1), 7), (102, None, None, 7), (103, Decimal(-9), Decimal(1), 7)]
        return [(101, Decimal(50), Decimal(2), Decimal(1), scope.seen), (102, Decimal(70), Decimal(3), 0, scope.seen)]

    clock = MovedClock(NOW)
    marks = DataMarks({name: ModuleMark(name, NOW, None, "", None) for name in ("sale_out", "after_sale")})
    answers = StepAnswers(load_catalogue(), ask, Scopes(ask, clock), clock)
    words = {"zh": "无", "en": "None"}
    return dict(answers.answer(step, words, "cai.wu", scope, Chosen(), marks).columns)


def test_a_shop_that_only_one_login_knows_has_a_row_and_the_order_is_the_panels() -> None:
    step = load_boards()["margin"].panels["shops"].step
    assert step.sort == "-gross_margin"
    columns = answered(step, FINANCE, [])
    assert columns["shop_id"] == [101, 103, 102]
    assert columns["gross_margin"] == ["5.00", "-9.00", None]
    assert columns["out_amount"] == ["50.00", "0.00", "70.00"]


def test_who_has_not_the_role_is_asked_for_nothing_but_what_they_see() -> None:
    step = load_boards()["margin"].panels["shops"].step
    asked: list[str] = []
    columns = answered(step, OWNER, asked)
    assert set(asked) == {"boards"}
    assert "gross_margin" not in columns
    assert columns["out_amount"] == ["50.00", "70.00"]
