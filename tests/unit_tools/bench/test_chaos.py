"""The strikes a seed deals."""

from __future__ import annotations

from itertools import product

from bench.chaos.points import POINTS, ROUND, SERVERS, WORKER, deal
from bench.instruments.kill_result import STAGES
from bench.kills import worst_moments


def test_a_seed_deals_the_same_strikes_again() -> None:
    assert deal(7, 30) == deal(7, 30)
    assert deal(7, 30) != deal(8, 30)
    assert worst_moments.deal(7, 30) == worst_moments.deal(7, 30)


def test_a_round_strikes_tasks_at_every_point_and_every_server_at_every_stage() -> None:
    dealt = deal(1, ROUND)
    assert {strike.point for strike in dealt if strike.victim == WORKER} == set(POINTS)
    assert {(strike.point.stage, strike.victim) for strike in dealt} == set(product(STAGES, (*SERVERS, WORKER)))


def test_a_moment_can_be_reached() -> None:
    for strike in deal(3, 240):
        assert strike.module in strike.point.modules
        assert strike.nth == 1 or not strike.point.once
        assert strike.phase != "within" or 1 <= strike.statement <= strike.point.statements


def test_a_tenth_of_the_kills_of_a_stack_are_of_scheduler_or_triggerer() -> None:
    victims = [aim.victim for aim in worst_moments.deal(1, 60)]
    assert sum(victim in ("scheduler", "triggerer") for victim in victims) >= 12
