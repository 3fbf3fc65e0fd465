"""Every figure on every panel, for three viewers, against the second implementation in pandas: equal to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jst.boards.board_spec import Board, Panel, Value, load_boards
from jst.boards.named_periods import period_of
from jst.boards.panel_question import MONITORING
from tests.support.boards_world import BoardsWorld, Selling
from tests.support.exact_frames import Frames, frames
from tests.support.exact_sums import Answer
from tests.support.sandbox_past import AS_OF
from tests.support.second_inputs import Counted
from tests.support.second_metrics import METRICS

VIEWERS = {"zhang.wei": [101], "li.na": [102, 112], "cai.wu": list(range(101, 113))}
FINANCE = {"cai.wu"}
HOLDS = {
    "above": Decimal.__gt__, "below": Decimal.__lt__, "at_least": Decimal.__ge__, "at_most": Decimal.__le__,
}  # fmt: skip


@pytest.fixture(scope="module")
def both(selling: Selling) -> Frames:
    return frames(selling.past)


def asked() -> list[tuple[Board, Panel]]:
    return [(board, panel) for board in load_boards().values() for panel in board.panels.values()]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_figure_is_what_the_second_implementation_counts(world: BoardsWorld, both: Frames, viewer: str) -> None:
    answers = {board.id: world.board(board.id, viewer) for board, _ in asked()}
    figures = 0
    for board, panel in asked():
        values = [value for value in panel.step.values if viewer in FINANCE or not value.metric.role]
        shown = answers[board.id].panels[panel.name]
        if board.role and viewer not in FINANCE:
            assert (shown.state, shown.columns) == ("forbidden", {})
            continue
        if any(value.metric.rows.reader == MONITORING for value in values):
            continue
        assert shown.state in ("ok", "empty"), f"{board.id}.{panel.name}: {shown.words['zh']}"
        if not shown.columns:
            continue
        expected = {value.column: _expected(both, panel, value, viewer) for value in values}
        by = panel.step.by
        rows = list(zip(*(shown.columns[cut] for cut in by), strict=True)) if by else [()]
        names = ["|".join(map(_key, row)) for row in rows]
        assert set(names) == _rows_wanted(both, panel, expected, viewer, names), f"{board.id}.{panel.name}"
        for value in values:
            got = dict(zip(names, shown.columns[value.column], strict=True))
            for name in names:
                want = expected[value.column].get(name, _where_missing(panel, value))
                assert _number(got[name], value.metric.format) == want, (
                    f"{board.id}.{panel.name} {value.column} of {name!r}"
                )
                figures += 1
    assert figures > 300


def _expected(both: Frames, panel: Panel, value: Value, viewer: str) -> Answer:
    period = period_of(value.period, AS_OF)
    first = period.last if value.metric.rows.level and "day" not in panel.step.by else period.first
    of = Counted(both, first, period.last, AS_OF.replace(tzinfo=None), {"shop_id": VIEWERS[viewer]})
    return METRICS[value.metric.code](of, list(panel.step.by))


def _rows_wanted(both: Frames, panel: Panel, expected: dict[str, Answer], viewer: str, shown: list[str]) -> set[str]:
    wanted = {name for answer in expected.values() for name in answer}
    for bounds in panel.step.keep:
        kept_by = [(_expected(both, panel, value, viewer), sign, bound) for value, sign, bound in bounds]
        wanted = {
            name
            for name in wanted
            if any(
                (known := answer.get(name)) is not None and HOLDS[sign](known, Decimal(str(bound)))
                for answer, sign, bound in kept_by
            )
        }
    if len(wanted) <= panel.step.top:
        return wanted
    # of equal values the order is the cuts', so that rows on both sides of the line are compared by value
    column, largest = panel.step.sort.removeprefix("-"), panel.step.sort.startswith("-")
    ranked = sorted((expected[column].get(name) or Decimal(0) for name in wanted), reverse=largest)
    assert [expected[column].get(name) or Decimal(0) for name in shown] == ranked[: panel.step.top]
    return set(shown)


def _where_missing(panel: Panel, value: Value) -> Decimal | None:
    metric = value.metric
    flow = panel.step.by and not metric.rows.level and (metric.additive or metric.format == "count")
    return Decimal(0) if flow else None


def _key(shown: Any) -> str:
    return str(int(shown)) if isinstance(shown, str) and len(shown) == 2 and shown.isdecimal() else str(shown)


def _number(shown: Any, form: str) -> Decimal | date | None:
    if form == "day":
        return shown and date.fromisoformat(shown)
    return None if shown is None else Decimal(str(shown))
