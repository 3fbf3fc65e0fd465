"""The index of dead letters."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.letter_index import LetterEntry, LetterIndex

pytestmark = pytest.mark.postgres


def entry(position: int, reason: str = "bad_type") -> LetterEntry:
    return LetterEntry(
        "ods.dead_letters",
        0,
        position,
        "sale_out",
        "sale_out-1",
        1,
        2,
        "sale_out-1",
        reason,
        "字段 qty 读不成 integer",
        b"%d" % position,
    )


def test_a_letter_is_indexed_once(database: Database) -> None:
    letters = LetterIndex(database)
    letters.add([])
    letters.add([entry(7), entry(8)])
    database.rows("UPDATE letter SET state = 'parked', tries = 3 WHERE position = 7")
    letters.add([entry(7), entry(8), entry(9)])
    assert database.rows("SELECT position, state, tries, reason, cause FROM letter ORDER BY position") == [
        (7, "parked", 3, "bad_type", "字段 qty 读不成 integer"),
        (8, "open", 0, "bad_type", "字段 qty 读不成 integer"),
        (9, "open", 0, "bad_type", "字段 qty 读不成 integer"),
    ]


def test_hundreds_of_letters_are_indexed_together_or_not_at_all(database: Database) -> None:
    letters = LetterIndex(database)
    with pytest.raises(ValueError, match="NUL"):
        letters.add([*(entry(number) for number in range(250)), entry(250, "\x00")])
    assert database.rows("SELECT count(*) FROM letter") == [(0,)]
    letters.add([entry(number) for number in range(250)])
    assert database.rows("SELECT count(*) FROM letter") == [(250,)]
