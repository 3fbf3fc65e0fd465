"""Days of alerts with evaluators that die at every line: nothing is missed or said twice, and each has its end."""

from __future__ import annotations

import random

import pytest

from bench.alerts.alert_verdict import judged
from bench.alerts.alert_world import AlertSimulation
from bench.instruments.mortal_database import FATES
from jst.control.database import Database
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.postgres, pytest.mark.search]


def test_whatever_dies_each_incident_is_said_once_and_its_end_once(database: Database, postgres_dsn: str) -> None:
    simulation = AlertSimulation(postgres_dsn, random.Random(DEPTH.seed))
    simulation.run(DEPTH.of(40, 10_000))
    simulation.calm_down()
    verdict = judged(simulation)
    print(verdict, f"{simulation.looks} looks, {simulation.kills} killed")
    assert verdict.episodes > 30
    assert verdict.slowest <= 60
    assert (verdict.missed, verdict.opened_twice, verdict.without_an_end, verdict.ended_twice) == (0, 0, 0, 0)
    assert (verdict.wrong_mentions, verdict.in_quiet_hours, verdict.in_silence, verdict.left_over) == (0, 0, 0, 0)
    assert {fate for _, fate in simulation.database.died} == set(FATES)
    simulation.close()
