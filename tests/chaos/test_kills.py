"""Kills at the worst moments, without Airflow, and everything is as if nothing had happened."""

from __future__ import annotations

from itertools import product

import pytest

from bench.chaos.points import ROUND, deal
from bench.chaos.rounds import run_rounds
from local.instance import Instance
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.search, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
SEED = 428
"""Its first two quarters kill a task's process at every step of load and marts and at half of those of pull, and every
server in both dialects."""
QUARTERS = [("gateway", 0), ("openapi", 1), ("openapi", 0), ("gateway", 1), *product(("gateway", "openapi"), (2, 3))]


@pytest.mark.parametrize(("dialect", "quarter"), QUARTERS[: DEPTH.of(2, len(QUARTERS))])
def test_nothing_is_lost_doubled_or_stale(servers: Instance, dialect: str, quarter: int) -> None:
    """Half a round, a quarter in each dialect; all of it in both with ``--long``, as ``make bench NAME=chaos`` does."""
    strikes = deal(SEED, ROUND)[quarter::4]
    result = run_rounds(servers, dialect, SEED, strikes, print)
    assert [outcome.title for outcome in result.outcomes if not outcome.good] == []
    assert result.verified == 0
    assert result.unproven == []
    assert result.trouble == []
    assert len(result.outcomes) == len(strikes) >= 10
