"""Break each metric's SQL in one place after the other: its cases must notice.

``pytest -s`` prints how many did, and those that did not. What no case can notice is listed with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from zlib import crc32

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from jst.metrics.catalogue import Question, load_catalogue
from tests.support.metric_cases import Case, ask, cases
from tests.support.metric_worlds import TABLES, store
from tests.support.search_depth import DEPTH
from tests.support.sql_mutants import Mutant, mutants

pytestmark = [pytest.mark.clickhouse, pytest.mark.search]

EXCUSES = {
    r"WHERE day BETWEEN toDate\(%\(first\)s\) - .* → WHERE 1$": "it only spares reading what is left out afterwards",
    r"→ WHERE day BETWEEN \(toDate\(%\(first\)s\) - 1\) - [17] AND": "the same, a day more is read",
    r"→ WHERE day BETWEEN toDate\(%\(first\)s\) - [17] AND \(toDate\(%\(last\)s\) \+ 1\)": "the same",
    r"^oversold_qty: DISTINCT dropped": "a sum is the same over rows and over SKUs",
    r"^ship_lead_hours: .* → .*sumIf\(lead_seconds, lead_seconds > 0\)": "a lead of 0 adds nothing to the sum",
    r"^(defective|in_transit|pick_lock|return_stock|virtual)_qty: unknown is 0": "its sum of nothing is Null",
    r"^(pending_review|received)_count: .*'已取消'": "who waits is not cancelled",
}
"""What changes no answer, by metric, rule and place → why. What leaves ClickHouse's plan as it was needs no word."""
DIVISION_BY_ZERO = 153
EVERY = DEPTH.of(12, 1)
"""One in so many is tried, always the same ones; all with ``--long``, which takes minutes."""
Key = tuple[str, int, int]
"""Metric, rule and place: the same whatever the metric is cut by."""


def test_no_mutation_escapes_the_cases(client: Client) -> None:
    made: dict[Key, Mutant] = {}
    caught: set[Key] = set()
    asked: dict[str, Question] = {}
    for case, question in _questions(client):
        asked.setdefault(case.code, question)
        for mutant in mutants(question.sql):
            key = (case.code, mutant.place, mutant.number)
            if crc32(repr(key).encode()) % EVERY:
                continue
            made.setdefault(key, mutant)
            if key not in caught and _noticed(client, case, question, mutant):
                caught.add(key)
    escaped = {key: mutant for key, mutant in made.items() if key not in caught}
    plans = {code: _plan(client, question.sql, question.parameters) for code, question in asked.items()}
    excused = {
        key
        for key, mutant in escaped.items()
        if _excuse(key[0], mutant) or _plan(client, mutant.sql, asked[key[0]].parameters) == plans[key[0]]
    }
    print(f"\n{len(caught)} of {len(made) - len(excused)} mutations noticed; {len(excused)} change nothing")
    for rule in sorted({mutant.rule for mutant in made.values()}):
        keys = {key for key, mutant in made.items() if mutant.rule == rule}
        print(f"  {rule}: {len(keys & caught)} of {len(keys - excused)}")
    missed = [f"{key[0]}: {mutant.rule}: {mutant.text}" for key, mutant in escaped.items() if key not in excused]
    assert not missed, "\n".join(missed)


def _questions(client: Client) -> Iterator[tuple[Case, Question]]:
    """All cases, with their rows stored; every version of them, which a merge would not leave."""
    for table in TABLES.values():
        client.execute(f"SYSTEM STOP MERGES {table}")
    try:
        for _, together in groupby(cases(), lambda case: case.ground):
            for place, case in enumerate(together):
                if place == 0:
                    store(client, case.world)
                yield case, case.question(load_catalogue())
    finally:
        for table in TABLES.values():
            client.execute(f"SYSTEM START MERGES {table}")


def _plan(client: Client, sql: str, parameters: dict[str, object]) -> list[tuple[str]]:
    """What ClickHouse would do: of the columns only those that are used."""
    rows: list[tuple[str]] = client.execute(f"EXPLAIN header = 1, actions = 1 {sql}", parameters)
    return rows


def _excuse(code: str, mutant: Mutant) -> str:
    """Why no case can notice it, '' where one should."""
    place = f"{code}: {mutant.rule}: {mutant.text}"
    return next((why for pattern, why in EXCUSES.items() if re.search(pattern, place)), "")


def _noticed(client: Client, case: Case, question: Question, mutant: Mutant) -> bool:
    try:
        return bool(ask(client, Question(mutant.sql, question.parameters)) != case.expected)
    except ServerException as problem:
        if problem.code == DIVISION_BY_ZERO:
            return True
        raise AssertionError(f"{case}, {mutant.rule}, {mutant.place}: {str(problem)[:300]}\n{mutant.sql}") from problem
