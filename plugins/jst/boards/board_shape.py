"""The shape of a board: all a page has to know of it but the figures, in the viewer's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jst.boards.board_spec import Board, Panel, Step
from jst.boards.choices import Choices
from jst.boards.column_titles import shown_columns
from jst.boards.panel_question import ORDER_COLUMNS, filters_of
from jst.boards.scopes import Scope


def openable(boards: Iterable[Board], scope: Scope) -> list[Board]:
    """List the boards a viewer may open, in their order."""
    return [board for board in boards if not board.role or board.role in scope.roles]


def shape_of(
    board: Board, boards: Iterable[Board], viewer: str, scope: Scope, choices: Choices, lang: str
) -> dict[str, Any]:
    """Describe ``board`` to the page of ``viewer``, with the boards one can go to."""
    return {
        "id": board.id,
        "title": board.title[lang],
        "order": board.order,
        "refresh": board.refresh,
        "lang": lang,
        "viewer": viewer,
        "filters": choices.listed(board.filters) | ({"day": []} if "day" in board.filters else {}),
        "boards": [{"id": each.id, "title": each.title[lang]} for each in openable(boards, scope)],
        "panels": [panel_shape(panel, board, lang, finance=scope.finance) for panel in board.panels.values()],
    }


def panel_shape(panel: Panel, board: Board, lang: str, *, finance: bool) -> dict[str, Any]:
    """Describe one panel. Columns for role finance are not there for others."""
    columns = shown_columns(panel.step, lang, finance=finance)
    shown = {column["name"] for column in columns}
    return {
        "id": panel.name,
        "title": panel.title[lang],
        "chart": panel.chart,
        "by": panel.step.by,
        "columns": columns,
        "filters": [name for name in board.filters if name == "day" or name in filters_of(panel.step)],
        "thresholds": {
            name: _in_words(threshold, lang) for name, threshold in panel.thresholds.items() if name in shown
        },
        "drill": drill_shape(panel.step, lang),
        "empty": panel.empty[lang],
        "place": panel.place,
        "look": panel.look,
        "action": panel.action,
        "top": panel.step.top,
    }


def drill_shape(step: Step, lang: str) -> dict[str, Any] | None:
    """Describe what one sees behind a row; None where there is no more."""
    return {"by": step.then.by, "title": step.then.title[lang]} if step.then else None


def step_columns(step: Step, lang: str, *, finance: bool) -> list[dict[str, Any]]:
    """List the columns of a step, orders included."""
    return shown_columns(step, lang, ORDER_COLUMNS.get(step.orders, ()), finance=finance)


def _in_words(threshold: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {name: limit[lang] if name == "word" else limit for name, limit in threshold.items()}
