"""The table of plans grows for years; what is asked every second must not read it as a whole."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.plans import Plans
from tests.support.plan_story import DAG, MODULE, NOON, add, at, complete_mark, load, pull

pytestmark = pytest.mark.postgres

PAST = 5_000


@pytest.fixture
def old(database: Database, plans: Plans) -> Plans:
    """A feed with thousands of proven plans behind it."""
    database.rows(
        """INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field, since, window_from, window_to,
                             state, started, attempt, proven_at)
           SELECT 'past-' || n, %(module)s, 'live', %(dag)s, 'run-' || n / 200, -n, 'modified',
                  %(noon)s - n * interval '1 s', %(noon)s - n * interval '1 s', %(noon)s - (n - 1) * interval '1 s',
                  'proven', 1, 1, now()
           FROM generate_series(1, %(past)s) AS n""",
        module=MODULE, dag=DAG, noon=NOON, past=PAST,
    )  # fmt: skip
    database.rows(
        """INSERT INTO receipt SELECT plan_id, 1, 1, 9, 9, 9, 0, 9, 9, 'counted', '', '{}', '{"0": [1, 5]}', now()
           FROM plan"""
    )
    return plans


def read_as_a_whole(database: Database) -> int:
    """Rows of plan and receipt that were read without an index so far."""
    database.rows("SELECT pg_stat_force_next_flush()")
    ((rows,),) = database.rows(
        "SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname IN ('plan', 'receipt')"
    )
    return int(rows)


def test_a_cycle_reads_by_index_only(database: Database, old: Plans) -> None:
    before = read_as_a_whole(database)
    for second in range(20):
        plan = add(old, second, second + 1)
        assert old.next_planned(MODULE, "live") == plan
        given = pull(old, plan)
        assert len(old.waiting(MODULE)) == 1
        load(old, given)
        assert not old.unfinished(MODULE)
        old.watermarks.quiet(MODULE, DAG, "night", at(second + 1))
    assert len(old.of_run(MODULE, DAG, "run-3")) == 200
    assert complete_mark(old) == 20
    assert read_as_a_whole(database) == before
