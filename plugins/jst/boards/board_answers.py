"""Answer whole boards: one flight for all who may see the same, four questions at once, good figures kept for a minute.

An asyncio service: it is used from one event loop and blocks it nowhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from jst.boards.board_answer import BoardAnswer
from jst.boards.board_spec import Board, Panel, Step, Words
from jst.boards.choices import Choices, ask_choices
from jst.boards.data_marks import DataMarks, History
from jst.boards.logins import QUESTION_SECONDS, TOO_SLOW, NoAnswer, why_not
from jst.boards.panel_answer import PanelAnswer
from jst.boards.panel_question import Chosen, modules_behind
from jst.boards.scopes import Ask, RightsMoved, Scope, Scopes
from jst.boards.shared_rows import SharedRows
from jst.boards.step_answers import FORBIDDEN, NO_KEYS, StepAnswers
from jst.boards.unchanged import Unchanged
from jst.clock import SHANGHAI, Clock
from jst.errors import JstError, Retry
from jst.metrics.catalogue import Catalogue
from jst.metrics.kept_rows import Only

log = logging.getLogger(__name__)
T = TypeVar("T")
AT_ONCE = 4
DIE_SECONDS = 60.0
MOST_ENTRIES = 200
_FRESH = 0.5
"""Share of its refresh for which a board is not asked again: all who look share a question."""
MOST_TRIES = 3
"""How often an answer is made anew because rights changed meanwhile."""
Key = tuple[str, Chosen, Scope]


class BoardAnswers:
    """Keeps answers by what viewers may see, never by who they are."""

    def __init__(
        self, catalogue: Catalogue, ask: Ask, marks: Callable[[], DataMarks], clock: Clock, *,
        deadline: float = QUESTION_SECONDS,
    ) -> None:  # fmt: skip
        """``deadline``: seconds after which a panel stands without an answer."""
        self._deadline = deadline
        self.scopes, self._marks, self._clock = Scopes(ask, clock), marks, clock
        self.steps = StepAnswers(catalogue, ask, self.scopes, clock)
        self._shared = SharedRows(catalogue)
        self._unchanged = Unchanged(catalogue, self.steps, ask, self.marks, self.in_thread, self._once, clock)
        self._threads = ThreadPoolExecutor(AT_ONCE, "boards")
        self._control = ThreadPoolExecutor(1, "boards-control")
        self._kept: OrderedDict[Key, BoardAnswer] = OrderedDict()
        self._choices: OrderedDict[Scope, tuple[float, Choices]] = OrderedDict()
        self._flights: dict[Any, asyncio.Task[Any]] = {}
        self._expected: set[asyncio.Task[BoardAnswer]] = set()

    def close(self) -> None:
        """Wait for no question any more."""
        for threads in (self._threads, self._control):
            threads.shutdown(wait=False, cancel_futures=True)

    def today(self) -> date:
        """Return the business day it is."""
        return self._clock.now().astimezone(SHANGHAI).date()

    async def scope(self, viewer: str) -> Scope:
        """Return what a viewer may see, asked within five seconds. Raises Unregistered for an unknown account, Retry
        when ClickHouse does not answer."""
        scope = self.scopes.kept(viewer)
        return scope or await self._once(("scope", viewer), lambda: self.in_thread(self.scopes.ask, viewer))

    async def marks(self) -> DataMarks:
        """Return how far the data are. Raises Retry when the control database is away and none are known."""
        return await self.beside(self._marks)

    async def beside(self, work: Callable[[], T]) -> T:
        """Do what asks the control database, in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._control, work)

    async def in_thread(self, work: Callable[..., T], *given: Any) -> T:
        """Do what asks ClickHouse in one of the four threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    async def board(self, board: Board, viewer: str, chosen: Chosen) -> BoardAnswer:
        """Return a board as ``viewer`` may see it at this moment. Raises Unregistered for an unknown account, and
        RightsMoved when rights do not stand still."""
        try:
            for _ in range(MOST_TRIES):
                scope = await self.scope(viewer)
                if board.role and board.role not in scope.roles:
                    return self._all(board, PanelAnswer({}, "forbidden", words=FORBIDDEN))
                with suppress(RightsMoved):
                    answer = await self._board(board, viewer, chosen, scope)
                    # what one waited for belongs to the rights one had when one asked
                    if await self.scope(viewer) == scope:
                        return answer
        except Retry as error:  # without a scope nothing kept may be shown
            return self._all(board, PanelAnswer({}, "failed", words=why_not(error)))
        raise _moving()

    def expect(self, board: Board, viewer: str, chosen: Chosen) -> None:
        """Begin to answer a board whose page is on its way: its figures are made while a browser reads the page."""
        task = asyncio.ensure_future(self.board(board, viewer, chosen))
        self._expected.add(task)
        task.add_done_callback(self._expected.discard)
        # the page's own question raises the same error, and says it
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    def _all(self, board: Board, answer: PanelAnswer) -> BoardAnswer:
        return BoardAnswer(self._clock.monotonic(), dict.fromkeys(board.panels, answer), {})

    async def step(self, step: Step, empty: Words, viewer: str, chosen: Chosen, keys: Only = NO_KEYS) -> PanelAnswer:
        """Answer one step for one viewer, and keep nothing: a file, or what lies behind a row.

        Raises Unregistered for an unknown account, NoAnswer when ClickHouse does not answer.
        """
        for _ in range(MOST_TRIES):
            scope, marks = await self.scope(viewer), await self.marks()
            with suppress(RightsMoved):
                return await self.in_thread(self.steps.answer, step, empty, viewer, scope, chosen, marks, keys)
        raise _moving()

    async def choices(self, viewer: str) -> Choices:
        """Return what a viewer may choose among; all who may see the same share it for a minute. Raises as ``step``
        does."""
        for _ in range(MOST_TRIES):
            scope = await self.scope(viewer)
            asked, kept = self._choices.get(scope, (0.0, None))
            if kept is not None and self._clock.monotonic() - asked < DIE_SECONDS:
                return kept
            with suppress(RightsMoved):
                ask = partial(self.in_thread, ask_choices, self.scopes, viewer, scope)
                choices: Choices = await self._once(("choices", scope), ask)
                self._choices[scope] = (self._clock.monotonic(), choices)
                while len(self._choices) > MOST_ENTRIES:
                    self._choices.popitem(last=False)
                return choices
        raise _moving()

    async def _board(self, board: Board, viewer: str, chosen: Chosen, scope: Scope) -> BoardAnswer:
        key = self._key(board, chosen, scope)
        kept, now = self._kept.get(key), self._clock.monotonic()
        if kept and now - kept.made < board.refresh * _FRESH:
            return kept
        if kept and now - kept.made < DIE_SECONDS and (still := await self._unchanged.restamped(board, kept, viewer)):
            if self._kept.get(key) is kept:
                self._kept[key] = still
            return still
        flown: BoardAnswer = await self._once(key, lambda: self._fly(board, viewer, chosen, scope))
        return flown

    async def _once(self, key: Any, start: Callable[[], Any]) -> Any:
        """Let all who ask for the same wait for one."""
        if key not in self._flights:
            task = self._flights[key] = asyncio.ensure_future(start())
            task.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(self._flights[key])

    async def _fly(self, board: Board, viewer: str, chosen: Chosen, scope: Scope) -> BoardAnswer:
        started = self._clock.monotonic()
        written = await self._unchanged.written(board, viewer)
        key = self._key(board, chosen, scope)
        standing = self._unchanged.standing(board, self._kept.get(key), written)
        asked = {
            name: asyncio.ensure_future(self._panel(panel, viewer, chosen, scope, standing.get(name)))
            for name, panel in board.panels.items()
        }
        await asyncio.wait(asked.values(), timeout=self._deadline)
        before = self._kept.get(key)
        good = dict(before.good) if before else {}
        panels = {}
        for name, task in asked.items():
            if task.done() and isinstance(task.exception(), RightsMoved):
                for other in asked.values():
                    other.cancel()
                raise _moving()
            panels[name] = self._outcome(name, task, good, started)
        if any(asked != started for asked, _ in good.values()) or len(good) < len(panels):
            written = None  # what failed is asked again soon
        answer = BoardAnswer(started, panels, good, await self._history(board), written)
        self._keep(key, answer)
        return answer

    async def _history(self, board: Board) -> History:
        try:
            return (await self.marks()).history(modules_behind(board))
        except Retry:
            return History()

    async def _panel(
        self, panel: Panel, viewer: str, chosen: Chosen, scope: Scope, standing: PanelAnswer | None
    ) -> PanelAnswer:
        if standing:
            return standing
        marks = await self.marks()
        return await self.in_thread(self.steps.answer, panel.step, panel.empty, viewer, scope, chosen, marks)

    def _outcome(
        self, name: str, task: asyncio.Task[PanelAnswer], good: dict[str, tuple[float, PanelAnswer]], now: float
    ) -> PanelAnswer:
        if not task.done():
            task.cancel()
            why = TOO_SLOW
        elif (error := task.exception()) is not None:
            if not isinstance(error, NoAnswer):  # that is in the log already
                log.warning(
                    "看板面板 %s 没有答出：%s", name, error, exc_info=None if isinstance(error, JstError) else error
                )
            why = why_not(error)
        else:
            good[name] = (now, task.result())
            return task.result()
        asked, last = good.get(name, (0.0, None))
        if last is None or now - asked > DIE_SECONDS:
            good.pop(name, None)
            return PanelAnswer({}, "failed", words=why)
        return last.in_state("late", why)

    def _key(self, board: Board, chosen: Chosen, scope: Scope) -> Key:
        """Say who shares an answer: all who may see the same; of what belongs to no shop, all of the same roles."""
        return board.id, chosen, replace(scope, shops=(), seen=0) if self._shared.on(board) else scope

    def _keep(self, key: Key, answer: BoardAnswer) -> None:
        self._kept.pop(key, None)
        self._kept[key] = answer
        oldest = answer.made - DIE_SECONDS
        for other in [other for other, kept in self._kept.items() if kept.made < oldest]:
            del self._kept[other]
        while len(self._kept) > MOST_ENTRIES:
            self._kept.popitem(last=False)


def _moving() -> RightsMoved:
    return RightsMoved("权限正在变动", do="稍后自动重试", server="ClickHouse")
