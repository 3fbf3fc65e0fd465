"""Workers of two versions keep each other out while one replaces the other: by numbers both of them know."""

from __future__ import annotations

from datetime import date

from jst.control import lock_numbers
from jst.control.lock_numbers import certificate_lock


def test_the_numbers_are_those_of_every_version() -> None:
    numbers = {name: value for name, value in vars(lock_numbers).items() if isinstance(value, int)}
    assert numbers == {
        "MIGRATIONS": 7021944, "LOADING": 7021, "NODES": 7022, "NODES_REGISTER": 0, "NODES_WRITE": 1, "MESSAGES": 7023,
        "ALERTS": 7024, "READING": 7025,
    }  # fmt: skip
    assert certificate_lock(date(2026, 3, 1), "sale_out") == "certificate 2026-03-01 sale_out"
