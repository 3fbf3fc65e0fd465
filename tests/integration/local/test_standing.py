"""When ``make up`` says that everything works."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jst.control.load_progress import Progress
from local.first_cycle import Standing

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
BEFORE, AFTER = (START.replace(hour=7), ""), (START.replace(minute=1), "")
LIVE = Standing("sale_out", live=True, marks={"read": AFTER}, carried=True, rows=3)
DIMENSION = Standing("sku", live=False, marks={"read": AFTER}, proven=True, rows=3)


def first_load(proven: int) -> Progress:
    return Progress("sku", plans=2, pulled=2, proven=proven, rows=9, share=1.0, seconds=9.0, left=0.0)


@pytest.mark.parametrize(
    "standing",
    [
        LIVE,
        replace(LIVE, carried=False, rows=0),  # a module in which nothing changes
        replace(LIVE, first_load=first_load(proven=1)),  # goes on behind the live feed
        DIMENSION,
        replace(DIMENSION, marks={}),  # the source only lists it
        replace(DIMENSION, first_load=first_load(proven=2)),
        replace(DIMENSION, proven=False, first_load=first_load(proven=1)),  # its history goes on behind it
    ],
)
def test_what_works_owes_nothing(standing: Standing) -> None:
    assert standing.missing(START.timestamp()) == ""


@pytest.mark.parametrize(
    "standing",
    [
        replace(LIVE, marks={}),
        replace(LIVE, marks={"read": BEFORE}),
        replace(LIVE, rows=0),
        replace(LIVE, rows=None),
        replace(DIMENSION, proven=False),
        replace(DIMENSION, waiting=1),
        replace(DIMENSION, marks={"read": BEFORE}),
    ],
)
def test_what_does_not_work_yet_is_waited_for(standing: Standing) -> None:
    assert standing.missing(START.timestamp())
