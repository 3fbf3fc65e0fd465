"""Every statement of the boards, asked of an engine that knows no viewers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jst.boards.board_spec import load_boards, steps
from jst.boards.panel_answer import LABELS
from jst.boards.panel_question import MONITORING, Chosen, statements
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.sql import statement

KEYS = {"shop_id": 101, "wms_co_id": 11001, "hour": 9}
"""A row one looks behind; of all other cuts the one named A."""


def board_questions(as_of: datetime, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield SQL and parameters; ``now``: for figures of operation, which are of no day of the past."""
    for name in ("scope", "choices"):
        yield statement(f"boards/{name}"), {}
    for cut in (cut for cut in LABELS if cut != "module"):
        yield statement(f"boards/labels/{cut}"), {"keys": (KEYS.get(cut, "A"),)}
    for board in load_boards().values():
        for panel in board.panels.values():
            operation = any(value.metric.rows.reader == MONITORING for value in panel.step.values)
            keys = dict[str, list[str]]()
            for step in steps(panel):
                at = now if operation else as_of
                for asked in statements(load_catalogue(), step, at, Chosen(), keys, finance=True):
                    yield asked.sql, asked.parameters
                day = as_of.date().isoformat()
                keys |= {cut: [day if cut == "day" else str(KEYS.get(cut, "A"))] for cut in step.by}
