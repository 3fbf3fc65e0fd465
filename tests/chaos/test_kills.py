"""Kills at the worst moments, without Airflow, and everything is as if nothing had happened."""

from __future__ import annotations

from itertools import product

import pytest

from bench.chaos.points import ROUND, deal
from bench.chaos.rounds import run_rounds
from local.instance import Instance
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.search, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
SEED = 17278
"""Its first two twelfths kill at every stage of a plan's way, and a task and every server in both dialects."""
PARTS = [("gateway", 0), ("openapi", 1), ("openapi", 0), ("gateway", 1), *product(("gateway", "openapi"), range(2, 6))]


@pytest.mark.parametrize(("dialect", "part"), PARTS[: DEPTH.of(2, len(PARTS))])
def test_nothing_is_lost_doubled_or_stale(servers: Instance, dialect: str, part: int) -> None:
    """A twelfth of a round in each dialect; with ``--long`` all of it in both, by sixths, as ``make bench NAME=chaos``
    does."""
    strikes = deal(SEED, ROUND)[part :: DEPTH.of(12, 6)]
    result = run_rounds(servers, dialect, SEED, strikes, print)
    assert [outcome.title for outcome in result.outcomes if not outcome.good] == []
    assert result.verified == 0
    assert result.unproven == []
    assert result.trouble == []
    assert len(result.outcomes) == len(strikes) >= 4
