"""The wide table beside the source, order by order."""

from __future__ import annotations

from jst.flow.live.pace import LONGEST_SECONDS
from jst.flow.live.shift import Limits
from tests.support.house import House

TO_THE_END = Limits(longest=90, quiet=LONGEST_SECONDS + 4)
"""Longer than the slowest pace: after an answer that took seconds the next look may be as late as that."""


def drain(house: House) -> None:
    """Let the shop stand still, then pull and load the rest, and what was there before."""
    house.freeze()
    house.first_load()
    house.shift(run_id="drain").run(TO_THE_END)
    while house.loader().load_waiting():
        pass


def assert_equal_to_the_source(house: House) -> None:
    start = house.plans.watermarks.value("sale_out", "start")
    truth = {
        str(row["io_id"]): (row["modified"], len(row["items"]) or 1)
        for row in house.sandbox.truth("sale_out")
        if row["modified"] > f"{start:%Y-%m-%d %H:%M:%S}"
    }
    shown = {
        io_id: (modified, lines)
        for io_id, modified, lines in house.rows(
            "SELECT io_id, toString(any(modified)), toInt64(count()) FROM dws.dws_sale_out FINAL GROUP BY io_id"
        )
    }
    assert len(truth) > 20
    assert {key: shown.get(key) for key in truth} == truth
    assert house.plans.watermarks.value("sale_out", "complete") == house.plans.watermarks.value("sale_out", "read")
