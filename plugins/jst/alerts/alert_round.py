"""One look at everything: ask the rules whose data have moved, open and close incidents, say what there is to say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from jst.alerts.judge import Crossing, judge
from jst.alerts.notices import Notices
from jst.alerts.rule_question import modules_of
from jst.alerts.rules import Rule, Rules
from jst.boards.data_marks import DataMarks
from jst.clock import Clock
from jst.control.alert_book import AlertBook, RuleMark
from jst.errors import JstError, Retry

log = logging.getLogger(__name__)
LONGEST_SECONDS = 60.0
"""After so long a rule is asked also when no mark moved: hours of the day pass, and calm has to last."""


class Asks(Protocol):
    """What a rule finds."""

    def of(self, rule: Rule, now: datetime, as_of: datetime, known: Collection[str]) -> list[Crossing]:
        """Return the subjects of a rule that are not calm."""


class AlertRound:
    """Looks again and again; several processes may do so at once, and each may be killed at any line."""

    def __init__(
        self, rules: Rules, asks: Asks, marks: Callable[[], DataMarks], book: AlertBook, notices: Notices, clock: Clock
    ) -> None:
        self._rules, self._asks, self._marks = rules, asks, marks
        self._book, self._notices, self._clock = book, notices, clock
        self._failing: dict[str, str] = {}
        self._tidied = False

    def run(self) -> list[str]:
        """Look once; returns the names of the rules that could not be asked. Raises Retry when the control database is
        away."""
        marks, asked = self._marks(), self._book.marks()
        if not self._tidied:  # the file of rules is read once by a process
            self._book.close_without_rule(list(self._rules.by_name), self._clock.now())
            self._book.close_unrepeated(self._clock.now())
            self._tidied = True
        failed = []
        for rule in self._rules.judged():
            now = self._clock.now()
            moved = _marks_of(rule, marks)
            if moved is not None and _is_due(rule, asked, now, moved) and not self._look(rule, marks, now, moved):
                failed.append(rule.name)
        self._notices.say(self._clock.now())
        return failed

    def _look(self, rule: Rule, marks: DataMarks, now: datetime, moved: str) -> bool:
        """Ask one rule and keep what it says; returns whether that could be done: a rule that cannot be asked must keep
        no other from being asked, and closes nothing."""
        as_of = marks.visible(modules_of(rule)) if modules_of(rule) else now
        try:
            found = []
            if rule.is_asked_at(now):
                found = self._asks.of(rule, now, as_of, self._book.open_subjects(rule.kind, rule.name))
        except JstError as error:
            if isinstance(error, Retry) and error.server == "PostgreSQL":
                raise
            self._say_failure(rule, str(error))
            return False
        self._failing.pop(rule.name, None)
        mark = RuleMark(now, moved)
        changes = self._book.apply(
            rule.kind, rule.name, rule.severity, rule.do, mark, now, lambda open: judge(rule, found, open, now)
        )
        if changes and (changes.opened or changes.worse or changes.closed):
            log.info("%s %s：新增 %d，加重 %d，恢复 %d", rule.title, rule.name, len(changes.opened), len(changes.worse),
                     len(changes.closed))  # fmt: skip
        return True

    def _say_failure(self, rule: Rule, said: str) -> None:
        if self._failing.get(rule.name) != said:  # once, not every few seconds of an outage
            log.warning("规则 %s 没有问到：%s", rule.name, said)
        self._failing[rule.name] = said


def _marks_of(rule: Rule, marks: DataMarks) -> str | None:
    """Return how far the data of a rule are; None while a module of it was never read: nothing is no calm."""
    modules = modules_of(rule)
    if marks.unread(modules):
        return None
    return " ".join(marks.modules[name].visible.isoformat() for name in sorted(modules))


def _is_due(rule: Rule, asked: Mapping[str, RuleMark], now: datetime, moved: str) -> bool:
    last = asked.get(rule.name)
    if last is None:
        return True
    age = (now - last.asked_at).total_seconds()
    if age >= max(LONGEST_SECONDS, rule.every_seconds):
        return True
    return age >= rule.every_seconds and (moved != last.marks or not rule.values)
