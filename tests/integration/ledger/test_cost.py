"""The page is asked every few seconds, by everybody who looks: it must stay cheap however long the system has run."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from jst.control.database import Database
from jst.ledger.facts import count_settled, read
from jst.model.module import module_names
from tests.support.stores import empty_control

pytestmark = pytest.mark.postgres

PLANS, DAYS = 300_000, 6
_PLANS = """
INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field, since, window_from, window_to,
                  state, reason, started, attempt, proven_at, created_at)
SELECT module || '-' || n, module, CASE WHEN n %% 500 = 0 THEN 'initial' ELSE 'live' END, 'jst_' || module,
       'run-' || n / 100, n, 'modified', at, at, at + interval '5 s', state, '', 1, 1,
       CASE state WHEN 'proven' THEN at END, at
FROM generate_series(1, %(plans)s) AS n,
     LATERAL (SELECT (ARRAY['sale_out', 'inventory', 'after_sale'])[1 + n %% 3] AS module,
                     CASE WHEN n = %(plans)s THEN 'planned' WHEN n %% 5000 = 1 THEN 'open' ELSE 'proven' END AS state,
                     now() - %(days)s * interval '1 day' * (1 - n::float8 / %(plans)s) AS at) AS each"""
_RECEIPTS = """
INSERT INTO receipt SELECT plan_id, 1, 1, 9, 9, 9, 0, 9, 9, 'counted', '', '{}', '{"0": [1, 5]}', created_at, created_at
FROM plan"""
_MARKS = """
INSERT INTO watermark (module, kind, value)
SELECT module, kind, now() FROM unnest(ARRAY['sale_out', 'inventory', 'after_sale']) AS module,
                                unnest(ARRAY['start', 'read', 'complete']) AS kind"""


@pytest.fixture
def old(database: Database) -> Iterator[Database]:
    """Six days at one plan in less than two seconds."""
    database.rows(_PLANS, plans=PLANS, days=DAYS)
    database.rows(_RECEIPTS)
    database.rows(_MARKS)
    database.rows("ANALYZE")
    yield database
    empty_control(database)


def read_as_a_whole(database: Database) -> int:
    """Rows of plan and receipt that were read without an index so far."""
    database.rows("SELECT pg_stat_force_next_flush()")
    ((rows,),) = database.rows(
        "SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname IN ('plan', 'receipt')"
    )
    return int(rows)


def test_a_look_at_300000_plans_takes_less_than_100_ms_and_reads_by_index(old: Database) -> None:
    read(old, module_names())
    before = read_as_a_whole(old)
    times = []
    for _ in range(7):
        began = time.perf_counter()
        look = read(old, module_names())
        times.append(time.perf_counter() - began)
    waiting = [each for each in look.facts.waiting if each.state == "open"]
    assert sum(each.windows for each in waiting) == PLANS / 5000
    assert sorted({each.module for each in look.facts.open}) == ["after_sale", "inventory", "sale_out"]
    assert [load.module for load in look.first_loads] == ["sale_out"]
    assert read_as_a_whole(old) == before
    settled = sum(each.windows for each in count_settled(old, module_names()))
    assert settled == pytest.approx(PLANS / DAYS, rel=0.01)
    print(f"ledger: median {sorted(times)[3] * 1000:.0f} ms of {PLANS:,} plans")
    assert sorted(times)[3] < 0.1
