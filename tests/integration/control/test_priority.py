"""Live is not kept waiting by the first load, the first load still gets on, and the contract holds: real processes."""

from __future__ import annotations

from bisect import bisect_right
from statistics import mean

import pytest

from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.rate_limit import LONG_SHARE, SHORT_SHARE
from jst.control.request_budget import PATIENCE_SECONDS, PostgresBudget
from jst.erp.client import Rate
from jst.model.words import Origin
from tests.support.fake_source import FakeClock
from tests.support.other_processes import Workers, line, tell

pytestmark = pytest.mark.postgres

RATES = (Rate(20, 1), Rate(30, 4))
"""The shape of the real contract, with a minute of four seconds."""
SPACING = 4 / (30 * LONG_SHARE)
SECONDS = 6.0

ASK = """
import os, sys, time
from jst.clock import SystemClock
from jst.control.request_budget import PostgresBudget
from jst.control.database import Database
from jst.control.rate_limit import LONG_SHARE, SHORT_SHARE
from jst.erp.client import Rate
from jst.model.words import Origin
origin, pause, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
rates = [Rate(*map(float, rate.split("/"))) for rate in sys.argv[4:]]
database = Database(os.environ["JST_CONTROL_DSN"])
budget = PostgresBudget(database, "app-1", SystemClock())
database.rows("SELECT 1")
print("ready", flush=True)
sys.stdin.readline()
end = time.time() + seconds
while (began := time.time()) < end:
    budget.wait_for_slot("*", rates, origin)
    granted = time.time()
    print(granted, granted - began, flush=True)
    time.sleep(pause)
"""


HASTY = "import jst.control.request_budget as module\nmodule.PATIENCE_SECONDS['initial'] = 1.0\n"


def together(workers: Workers, *askers: tuple[str, float], code: str = ASK) -> list[list[tuple[float, float]]]:
    """Each asker's (moment of the grant, seconds waited); an asker is its origin and the pause after a grant."""
    rates = [f"{rate.requests}/{rate.seconds}" for rate in RATES]
    running = [workers.start(code, origin, str(pause), str(SECONDS), *rates) for origin, pause in askers]
    assert [line(process) for process in running] == ["ready"] * len(askers)
    for process in running:
        tell(process)
    answers = [process.communicate(timeout=SECONDS + 30)[0].splitlines() for process in running]
    return [[(float(at), float(waited)) for at, waited in map(str.split, lines)] for lines in answers]


def most(moments: list[float], seconds: float) -> int:
    return max(bisect_right(moments, moment + seconds) - index for index, moment in enumerate(moments))


def test_live_hardly_waits_beside_two_greedy_first_loads_which_get_the_rest(
    database: Database, workers: Workers
) -> None:
    live, *loads = together(workers, ("live", 0.5), ("initial", 0.0), ("initial", 0.0))
    # alone it waits for nothing; behind two that queue it would wait two spacings and more
    assert mean(waited for _, waited in live) < 0.75 * SPACING
    moments = sorted(at for at, _ in (*live, *loads[0], *loads[1]))
    assert len(moments) >= 0.85 * SECONDS / SPACING
    assert min(len(load) for load in loads) >= 0.2 * len(moments)
    assert all(most(moments, rate.seconds) <= rate.requests for rate in RATES)


def test_a_first_load_gets_on_although_live_wants_everything(database: Database, workers: Workers) -> None:
    *_, load = together(workers, *[("live", 0.0)] * 3, ("initial", 0.0), code=HASTY + ASK)
    assert 0.5 * SECONDS <= len(load) <= SECONDS + 1


@pytest.mark.parametrize("origin", PATIENCE_SECONDS)
def test_each_origin_reserves_when_its_patience_is_over(database: Database, origin: Origin) -> None:
    clock = FakeClock()
    budget = PostgresBudget(database, "app-1", clock)
    rates = (Rate(0.02, 1),)
    budget.wait_for_slot("*", rates, "live")
    budget.wait_for_slot("*", rates, origin)
    *asked, reserved = clock.slept
    assert sum(asked) == pytest.approx(PATIENCE_SECONDS[origin])
    assert reserved == pytest.approx(1 / (0.02 * SHORT_SHARE), abs=1)


def test_refusals_slow_everybody_down_for_a_while(database: Database) -> None:
    clock = FakeClock()
    budget = PostgresBudget(database, "app-1", clock)
    rates = (Rate(2, 1),)
    budget.wait_for_slot("*", rates, "live")
    for _ in range(9):
        budget.refused("*", 0.01, "live")
    began = SystemClock().monotonic()
    budget.wait_for_slot("*", rates, "live")
    budget.wait_for_slot("*", rates, "live")
    between = SystemClock().monotonic() - began
    slowest, faster = (1 / (2 * pace * SHORT_SHARE) for pace in (0.5, 0.54))
    assert faster - between <= clock.slept[-1] - clock.slept[0] <= slowest
    assert database.rows("SELECT refused, round(pace::numeric, 2)::text FROM budget") == [(9, "0.54")]
