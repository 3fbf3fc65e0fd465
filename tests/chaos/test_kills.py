"""Sixteen kills at the worst moments, without Airflow, and everything is as if nothing had happened."""

from __future__ import annotations

import pytest

from bench.chaos.rounds import hold
from local.instance import Instance

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.mark.parametrize(("dialect", "seed"), [("gateway", 7), ("openapi", 8)])
def test_nothing_is_lost_doubled_or_stale(servers: Instance, dialect: str, seed: int) -> None:
    result = hold(servers, dialect, seed, kills=16, say=print)
    assert [outcome.title for outcome in result.outcomes if not outcome.good] == []
    assert result.verified == 0
    assert result.unproven == []
    assert result.trouble == []
    assert len(result.outcomes) == 16
