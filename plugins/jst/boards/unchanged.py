"""Figures that need not be asked again, because no row was written since they were."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

from jst.boards.board_answer import BoardAnswer
from jst.boards.board_spec import Board
from jst.boards.data_marks import DataMarks
from jst.boards.panel_answer import PanelAnswer
from jst.boards.panel_question import bounded, modules_behind, modules_of
from jst.boards.scopes import BOARDS, Ask
from jst.boards.step_answers import StepAnswers
from jst.clock import SHANGHAI, Clock
from jst.errors import Retry
from jst.metrics.catalogue import Catalogue
from jst.warehouse.sql import statement

KEPT_SECONDS = 1.0
Look = tuple[DataMarks, int]
"""Marks, then a number that changes with every row written: all the marks speak of was written before it."""


class Unchanged:
    """Used from one event loop. ``marks`` and ``in_thread`` do what blocks elsewhere, ``once`` lets all who ask
    for the same wait for one."""

    def __init__(
        self, catalogue: Catalogue, steps: StepAnswers, ask: Ask, marks: Callable[[], Awaitable[DataMarks]],
        in_thread: Callable[..., Awaitable[Any]], once: Callable[..., Awaitable[Any]], clock: Clock,
    ) -> None:  # fmt: skip
        self._catalogue, self._steps, self._ask, self._marks, self._clock = catalogue, steps, ask, marks, clock
        self._in_thread, self._once = in_thread, once
        self._moving = dict[tuple[str, str], bool]()
        self._looked, self._last = -math.inf, (DataMarks({}), 0)

    async def written(self, board: Board, viewer: str) -> int | None:
        """Return the number before a board is asked: what is written meanwhile is asked again. None where figures
        change by themselves, those of operation, and when ClickHouse does not answer."""
        if not all(modules_of(panel.step) for panel in board.panels.values()):
            return None
        try:
            return (await self._look(viewer))[1]
        except Retry:
            return None

    async def restamped(self, board: Board, kept: BoardAnswer, viewer: str) -> BoardAnswer | None:
        """Return the same figures with the stamps of this moment when nothing was written since, else None. They are
        as if made now, but for boards with figures that change with time alone."""
        if kept.written is None:
            return None
        try:
            marks, written = await self._look(viewer)
        except Retry:
            return None
        if written != kept.written:
            return None
        panels = self._panels(board, kept, marks)
        if len(panels) < len(kept.good):
            return None
        history = marks.history(modules_behind(board))
        if any(self._moves(board, name) for name in panels):
            return replace(kept, panels=panels, history=history)
        now = self._clock.monotonic()
        good = {name: (now, panel) for name, panel in panels.items()}
        return replace(kept, made=now, panels=panels, good=good, history=history)

    def standing(self, board: Board, kept: BoardAnswer | None, written: int | None) -> dict[str, PanelAnswer]:
        """Return the panels of a board that is asked now, ``written`` what it was just before, whose figures are those
        ``kept``: nothing was written since, and they do not change with time alone."""
        if kept is None or written is None or kept.written != written:
            return {}
        panels = self._panels(board, kept, self._last[0])
        return {name: panel for name, panel in panels.items() if not self._moves(board, name)}

    def _panels(self, board: Board, kept: BoardAnswer, marks: DataMarks) -> dict[str, PanelAnswer]:
        """Stamp what is kept with ``marks``, without panels that are of another day: the same rows are yesterday's."""
        panels = {
            name: self._steps.stamped(board.panels[name].step, board.panels[name].empty, answer, marks)
            for name, (_, answer) in kept.good.items()
        }
        return {name: panel for name, panel in panels.items() if _day(panel) == _day(kept.good[name][1])}

    def _moves(self, board: Board, name: str) -> bool:
        key = board.id, name
        if key not in self._moving:
            step = board.panels[name].step
            self._moving[key] = any(
                self._catalogue.moves(value.metric.code) for value in (*step.values, *bounded(step.keep))
            )
        return self._moving[key]

    async def _look(self, viewer: str) -> Look:
        """Look once a second for all; the number is of all rows and says nothing of them."""
        if self._clock.monotonic() - self._looked > KEPT_SECONDS:
            await self._once("look", lambda: self._look_anew(viewer))
        return self._last

    async def _look_anew(self, viewer: str) -> None:
        now, marks = self._clock.monotonic(), await self._marks()
        ((written,),) = await self._in_thread(self._ask, BOARDS, viewer, statement("boards/written"), {})
        self._looked, self._last = now, (marks, written)


def _day(panel: PanelAnswer) -> date | None:
    return panel.as_of.astimezone(SHANGHAI).date() if panel.as_of else None
