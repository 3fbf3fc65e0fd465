"""Both sides side by side: two streams ordered by key are merged, so memory does not grow with the tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.verify.findings import Difference, Findings, Kind
from local.verify.problem import CannotCompare
from local.verify.subject import Follows, Record, Subject, Values
from local.verify.values import Row, Unreadable

Group = tuple[str, list[tuple[str, Values]]]
"""A record of ours: key, and its lines (line id, values) ordered by line id."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the table must know: every record modified after ``start`` or without such a time; records modified after
    ``until`` are not asked for. Times as ``yyyy-mm-dd hh:mm:ss``. ``letters``: keys that lie unread in the dead
    letters."""

    start: str = ""
    until: str = "9999"
    letters: Collection[str] = ()


def compare(
    subject: Subject, truth: Iterable[Row], ours: Iterable[Group], promise: Promise, tell: Callable[[Findings], None]
) -> Findings:
    """``tell`` is shown the growing findings after each record."""
    comparison = _Comparison(subject, promise)
    for row, group in _side_by_side(subject, truth, ours):
        comparison.take(row, group)
        tell(comparison.findings)
    return comparison.findings


class _Comparison:
    def __init__(self, subject: Subject, promise: Promise) -> None:
        self.findings = Findings(subject.table)
        self._subject, self._promise = subject, promise

    def take(self, row: Row | None, group: Group | None) -> None:
        lines = group[1] if group else []
        if row is None:
            self._extra(group[0] if group else "", [line_id for line_id, _ in lines])
            return
        if not self._subject.key_of(row):
            self.findings.keyless += 1
            return
        try:
            record = self._subject.expected(row)
        except Unreadable as problem:
            self._unreadable(self._subject.key_of(row), str(problem))
            return
        if record.modified > self._promise.until:
            self.findings.late += 1
        elif not lines and "" < record.modified <= self._promise.start:
            self.findings.early += 1
        else:
            self._compare(record, lines)

    def _compare(self, record: Record, lines: list[tuple[str, Values]]) -> None:
        self.findings.records += 1
        seen: set[str] = set()
        for line_id, values in lines:
            self.findings.lines += 1
            wanted = record.lines.get(line_id)
            if line_id in seen:
                self._add("重复", record.key, line_id)
            elif wanted is None:
                self._add("多出", record.key, line_id)
            elif wanted != values:
                self._cells(record.key, line_id, values, wanted)
            seen.add(line_id)
        for line_id in (line_id for line_id in record.lines if line_id not in seen):
            self._add("缺失", record.key, line_id, truth=f"（源端 modified {record.modified or '没有'}）")

    def _cells(self, key: str, line_id: str, values: Values, wanted: Values) -> None:
        row = dict(zip(self._subject.columns, values, strict=True))
        rights = dict(zip(self._subject.columns, wanted, strict=True))
        for column, mine in row.items():
            right = rights[column]
            if isinstance(right, Follows):
                # What a wrong cell asks of another says nothing about that one.
                right = right.value(row[right.column]) if rights[right.column] == row[right.column] else mine
            if right != mine:
                self._add("不同", key, line_id, column, _shown(mine), _shown(right))

    def _extra(self, key: str, line_ids: list[str]) -> None:
        for line_id in line_ids:
            self.findings.lines += 1
            self._add("多出", key, line_id, truth="（源端没有这条记录）")

    def _unreadable(self, key: str, field: str) -> None:
        if key in self._promise.letters:
            self.findings.parked += 1
        else:
            self._add("源端不可读", key, "", truth=f"字段 {field}，死信里也没有它")

    def _add(self, kind: Kind, key: str, line_id: str, column: str = "", ours: str = "", truth: str = "") -> None:
        row = dict(zip(self._subject.key, (key, line_id), strict=False))
        self.findings.add(Difference(kind, self._subject.table, row, column, ours, truth))


def _side_by_side(
    subject: Subject, truth: Iterable[Row], ours: Iterable[Group]
) -> Iterator[tuple[Row | None, Group | None]]:
    """Every record of either side once, with its counterpart where there is one."""
    rows = _ascending(((subject.key_of(row), row) for row in truth), "源端真值")
    groups = _ascending(((group[0], group) for group in ours), subject.table)
    row, group = next(rows, None), next(groups, None)
    while row or group:
        if group is None or (row is not None and row[0] < group[0]):
            yield row and row[1], None
            row = next(rows, None)
        elif row is None or group[0] < row[0]:
            yield None, group[1]
            group = next(groups, None)
        else:
            yield row[1], group[1]
            row, group = next(rows, None), next(groups, None)


def _ascending(pairs: Iterable[tuple[str, Any]], name: str) -> Iterator[tuple[str, Any]]:
    """Check the order: a stream out of order would show false differences. Rows without key stand alone, wherever they
    come."""
    last = ""
    for key, item in pairs:
        if key and key <= last:
            raise CannotCompare(f"{name} 没有按主键排序（{key} 在 {last} 之后），无法逐行比较")
        last = key or last
        yield key, item


def _shown(value: object) -> str:
    return "空" if value in (None, "") else str(value)
