"""Another Kafka than before: its offsets mean nothing here."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.kafka_cluster import follow_kafka
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.plans import Plans
from jst.kafka.record import LETTERS
from tests.support.plan_story import MODULE, add, load, pull

pytestmark = pytest.mark.postgres


def letter(plan_id: str, identity: bytes) -> LetterEntry:
    return LetterEntry(LETTERS, 0, 7, MODULE, plan_id, 1, 1, "k", "bad_type", "字段 qty 读不成 integer", identity)


def test_the_same_kafka_or_one_that_does_not_say_changes_nothing(database: Database, plans: Plans) -> None:
    pull(plans, add(plans, 0, 60))
    assert [follow_kafka(database, name) for name in ("kafka-1", "kafka-1", None)] == [None, None, None]
    assert len(plans.waiting(MODULE)) == 1


def test_another_kafka_brings_back_what_was_not_loaded_and_keeps_its_letters(database: Database, plans: Plans) -> None:
    follow_kafka(database, "kafka-1")
    loaded, waiting = add(plans, 0, 60), add(plans, 60, 120)
    load(plans, pull(plans, loaded))
    pull(plans, waiting)
    letters = LetterIndex(database)
    letters.add([letter(loaded.plan_id, b"old")])
    letters.found(LETTERS, [], {0: 8})

    assert follow_kafka(database, "kafka-2") == 1
    assert follow_kafka(database, "kafka-2") is None
    planned = plans.next_planned(MODULE, "live")
    assert planned is not None
    assert (planned.plan_id, plans.waiting(MODULE)) == (waiting.plan_id, [])
    assert letters.unsettled(loaded.plan_id) == {b"old"}
    assert letters.scanned(LETTERS) == {}
    letters.add([letter(waiting.plan_id, b"new")])  # at the offset the old one had
    assert letters.unsettled(waiting.plan_id) == {b"new"}
