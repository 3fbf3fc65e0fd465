"""Answer one step of a panel as a viewer: ask, put what several logins read side by side, say how far the data are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from jst.boards.board_spec import Step, Words
from jst.boards.data_marks import LATE_SECONDS, MODULES, DataMarks
from jst.boards.named_periods import period_of
from jst.boards.panel_answer import LABELS, NOTHING, PanelAnswer, State, columns_of, digest, is_nothing, labelled
from jst.boards.panel_question import MONITORING, Chosen, Statement, absent, modules_of, statements
from jst.boards.scopes import BOARDS, Ask, Rows, Scope, Scopes
from jst.clock import SHANGHAI, Clock
from jst.metrics.catalogue import Catalogue
from jst.metrics.kept_rows import Only
from jst.model.module import load_module, module_names
from jst.warehouse.sql import statement

FORBIDDEN: Words = {"zh": "只有财务角色可以看", "en": "For role finance only"}
_OPERATION_MARK = "SELECT maxOrNull(at) FROM ops.module_minute"
NO_KEYS: Only = MappingProxyType({})


class StepAnswers:
    """Blocks while ClickHouse answers; several threads may share it."""

    def __init__(self, catalogue: Catalogue, ask: Ask, scopes: Scopes, clock: Clock) -> None:
        self._catalogue, self._ask, self._scopes, self._clock = catalogue, ask, scopes, clock

    def answer(
        self, step: Step, empty: Words, viewer: str, scope: Scope, chosen: Chosen, marks: DataMarks,
        keys: Only = NO_KEYS,
    ) -> PanelAnswer:  # fmt: skip
        """Answer ``step`` as ``viewer``, who has ``scope``; ``keys``: the row one looks behind.

        Raises Retry when ClickHouse does not answer, RightsMoved when the viewer's rights changed meanwhile.
        """
        if step.values and not scope.finance and all(value.metric.role for value in step.values):
            return PanelAnswer({}, "forbidden", words=FORBIDDEN)
        modules = modules_of(step)
        if unread := marks.unread(modules):
            return PanelAnswer({}, "empty", words=_said(unread, "{}还没有读到过数据", "Nothing was read of {} yet"))
        as_of = marks.visible(modules) if modules else self._clock.now()
        asked = list(statements(self._catalogue, step, as_of, chosen, keys, finance=scope.finance))
        answers = [self._rows(each, viewer, scope) for each in asked]
        names, rows = _beside(step, asked, answers)
        columns = labelled(columns_of(step, names, rows), self._labels(step, names, rows, viewer))
        period, through_marts = period_of(step.period, as_of, chosen.days), any(each.through_marts for each in asked)
        if asked[0].reader == MONITORING:
            as_of = self._ask(MONITORING, viewer, _OPERATION_MARK, {})[0][0]
        state: State = "empty" if is_nothing(step, columns) else "ok"
        answer = PanelAnswer(columns, state, as_of, None, NOTHING, period, through_marts, digest(columns))
        return self.stamped(step, empty, answer, marks)

    def stamped(self, step: Step, empty: Words, answer: PanelAnswer, marks: DataMarks) -> PanelAnswer:
        """Say how far the figures are by ``marks``: those of the moment they were asked, or later ones when nothing was
        written since; where there are none, ``empty`` or that they are still on their way."""
        modules = modules_of(step)
        if modules and answer.as_of:
            as_of = marks.visible(modules, answer.period if answer.through_marts else None)
            answer = replace(answer, as_of=as_of, complete_until=marks.complete(modules))
        if answer.state == "forbidden" or answer.as_of is None:
            return answer if answer.words["zh"] or answer.state != "empty" else answer.in_state("empty", empty)
        if answer.state == "empty":
            return answer.in_state("empty", marks.on_their_way(modules, answer.period, answer.through_marts) or empty)
        return answer.in_state(*self._lateness(answer.as_of, marks.degraded(modules), marks))

    def _rows(self, asked: Statement, viewer: str, scope: Scope) -> Sequence[Sequence[Any]]:
        if asked.reader == MONITORING:  # nothing of it belongs to a shop
            return [row[:-1] for row in self._ask(MONITORING, viewer, asked.sql, asked.parameters)]
        return self._scopes.ask_within(asked.reader, viewer, scope, asked.sql, asked.parameters)

    def _labels(
        self, step: Step, names: Sequence[str], rows: Sequence[Sequence[Any]], viewer: str
    ) -> Mapping[str, Mapping[Any, Sequence[Any]]]:
        found = dict[str, Mapping[Any, Sequence[Any]]]()
        for cut in step.by:
            keys = tuple({row[names.index(cut)] for row in rows})
            if cut == "module":
                found[cut] = {key: (load_module(key).title,) for key in keys if key in module_names()}
            elif cut in LABELS and keys:
                labels = self._ask(BOARDS, viewer, statement(f"boards/labels/{cut}"), {"keys": keys})
                found[cut] = {key: words for key, *words in labels}
        return found

    def _lateness(self, as_of: datetime, degraded: Sequence[str], marks: DataMarks) -> tuple[State, Words]:
        if degraded:
            since = min(marks.modules[name].degraded or as_of for name in degraded).astimezone(SHANGHAI)
            zh = f"{{}}自 {since:%m-%d %H:%M} 起降级：每 5 分钟读一批"
            return "late", _said(degraded, zh, f"{{}} degraded since {since:%m-%d %H:%M}: read in batches of 5 minutes")
        if (self._clock.now() - as_of).total_seconds() > LATE_SECONDS:
            at = as_of.astimezone(SHANGHAI)
            return "late", {"zh": f"数据停在 {at:%m-%d %H:%M}", "en": f"The data stand at {at:%m-%d %H:%M}"}
        return "ok", NOTHING


def _beside(
    step: Step, asked: Sequence[Statement], answers: Sequence[Rows]
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Put what several logins read side by side, in the order and number the step wants."""
    if len(asked) == 1:
        return asked[0].columns, answers[0][: step.top]
    cuts, figures = len(step.by), dict[tuple[Any, ...], dict[str, Any]]()
    for each, rows in zip(asked, answers, strict=True):
        for row in rows:
            key = tuple(row[:cuts])
            if each is asked[0] or not step.keep or key in figures:
                figures.setdefault(key, {}).update(zip(each.columns[cuts:], row[cuts:], strict=True))
    present = {name for each in asked for name in each.columns}
    values = [value for value in step.values if value.column in present]
    names = [*step.by, *(value.column for value in values)]
    beside = [
        (*key, *(row.get(value.column, absent(step, value)) for value in values))
        for key, row in sorted(figures.items(), key=lambda item: item[0])
    ]
    if step.sort:
        at = names.index(step.sort.removeprefix("-"))
        known = [row for row in beside if row[at] is not None]
        known.sort(key=lambda row: row[at], reverse=step.sort.startswith("-"))
        beside = known + [row for row in beside if row[at] is None]
    return names, beside[: step.top]


def _said(modules: Sequence[str], zh: str, en: str) -> Words:
    names = [MODULES[name] for name in modules]
    return {
        "zh": zh.format("、".join(name["zh"] for name in names)),
        "en": en.format(", ".join(name["en"] for name in names)),
    }
