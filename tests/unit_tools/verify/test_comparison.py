"""Two ordered streams side by side: nothing on either side is passed over."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.verify.comparison import Group, Promise, compare
from local.verify.findings import Findings
from local.verify.problem import CannotCompare
from local.verify.subject import Record, Subject
from local.verify.values import Row, Unreadable, text

START = "2026-01-01 00:00:00"
Lines = dict[str, int]


def expected(row: Row) -> Record:
    if row.get("bad"):
        raise Unreadable("qty")
    return Record(row["id"], row["modified"], {name: (value,) for name, value in row["lines"].items()})


SUBJECT = Subject("m", "dws.t", ("id", "line"), ("value",), lambda row: text(row, "id"), expected)


def source(tables: dict[str, Lines], modified: str = "2026-01-02 00:00:00") -> list[Row]:
    return [
        {"id": key, "modified": modified, "lines": dict(sorted(lines.items()))} for key, lines in sorted(tables.items())
    ]


def stored(tables: dict[str, Lines]) -> list[Group]:
    return [(key, [(line, (value,)) for line, value in sorted(lines.items())]) for key, lines in sorted(tables.items())]


def found(truth: list[Row], ours: list[Group], promise: Promise | None = None) -> Findings:
    told: list[Findings] = []
    findings = compare(SUBJECT, truth, ours, promise or Promise(START), told.append)
    assert len(told) >= findings.records
    return findings


tables = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(st.sampled_from("123"), st.integers(0, 1), min_size=1), max_size=6
)


@given(tables, tables)
def test_the_counts_are_those_of_comparing_everything_with_everything(
    truth: dict[str, Lines], ours: dict[str, Lines]
) -> None:
    right = {(key, line): value for key, lines in truth.items() for line, value in lines.items()}
    mine = {(key, line): value for key, lines in ours.items() for line, value in lines.items()}
    wanted = Counter(
        缺失=len(right.keys() - mine.keys()),
        多出=len(mine.keys() - right.keys()),
        不同=sum(right[cell] != mine[cell] for cell in right.keys() & mine.keys()),
    )
    findings = found(source(truth), stored(ours))
    assert dict(findings.kinds) == dict(+wanted)
    assert findings.lines == len(mine)


def test_a_record_from_before_the_start_may_be_absent_but_not_wrong() -> None:
    old = source({"a": {"1": 1, "2": 2}}, modified=START)
    assert found(old, []).early == 1
    assert found(old, []).clean
    assert found(old, stored({"a": {"1": 1}})).kinds == {"缺失": 1}


def test_a_record_newer_than_promised_is_not_asked_for() -> None:
    findings = found(source({"a": {"1": 1}}), [], Promise(START, until="2026-01-01 23:59:59"))
    assert findings.clean
    assert findings.late == 1


def test_an_unreadable_record_must_lie_in_the_dead_letters() -> None:
    bad: list[Row] = [{"id": "a", "bad": True}]
    assert found(bad, []).kinds == {"源端不可读": 1}
    parked = found(bad, [], Promise(START, letters={"a"}))
    assert parked.clean
    assert parked.parked == 1


def test_rows_without_key_are_counted() -> None:
    rows: list[Row] = [{"id": "a", "modified": START, "lines": {"1": 1}}, {"id": ""}]
    findings = found(rows, stored({"a": {"1": 1}}))
    assert findings.clean
    assert findings.keyless == 1


def test_a_line_stored_twice_is_found() -> None:
    assert found(source({"a": {"1": 1}}), [("a", [("1", (1,)), ("1", (1,))])]).kinds == {"重复": 1}


def test_a_stream_out_of_order_is_refused() -> None:
    with pytest.raises(CannotCompare, match="没有按主键排序"):
        found(source({"a": {"1": 1}})[::-1] + source({"a": {"1": 1}}), [])


def test_the_message_says_where_and_what() -> None:
    (difference,) = found(source({"a": {"1": 1}}), stored({"a": {"1": 0}})).first
    assert str(difference) == "不同 dws.t id=a line=1 列 value：宽表 0，源端 1"
