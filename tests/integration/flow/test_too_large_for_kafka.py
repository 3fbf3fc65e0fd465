"""A record Kafka does not take is a letter that names it: the feed goes on, and it comes once the limit rises."""

from __future__ import annotations

import random
from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.flow.live.shift import Limits
from jst.kafka.record import LETTERS
from jst.model.module import load_module
from tests.support.house import House
from tests.support.kafka_records import largest_message
from tests.support.letter_redrive import PATIENCE, run
from tests.support.planted_orders import complete, letters, order, plan_state, plant, pull, shown

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
TOPIC = load_module("sale_out").topic


def huge(kilobytes: int) -> dict[str, Any]:
    """An order whose lines have names that no compression makes shorter."""
    rng = random.Random(1)
    lines = [
        {"ioi_id": str(number), "sku_id": f"S{number}", "qty": 1, "price": 1.0, "name": rng.randbytes(2048).hex()}
        for number in range(1, kilobytes // 4 + 1)
    ]
    return order("huge", items=lines)


def test_the_feed_goes_on_without_it_and_it_is_loaded_when_the_limit_is_raised(house: House) -> None:
    window = plant(house, order("small"), huge(1200))
    counts = house.shift().run(Limits(longest=30, quiet=3))
    assert counts["plans"] > 0
    assert shown(house) & {"small", "huge"} == {"small"}
    ((reason, cause),) = letters(house)
    assert reason == "too_large_for_kafka"
    for part in (
        "主键 huge",
        "字节",
        "message.max.bytes（现在 1,000,000）",
        "模块 sale_out",
        "窗口 [",
        "页 1",
        "jst_dead_letters",
    ):
        assert part in cause
    ((complete_at, why),) = house.database.rows("SELECT value, reason FROM watermark WHERE kind = 'complete'")
    assert complete_at <= window.start
    assert "死信 1 条待处理" in why
    assert run(house) == {"open": 1, "parked": 0}
    assert house.database.rows("SELECT count(*), max(tries) FROM letter") == [(1, 1)]
    house.kafka["message.max.bytes"] = 4_000_000
    del house.producer  # the next process reads its connection anew
    with largest_message(house.kafka, TOPIC, 4_000_000):
        assert run(house, "by hand", at_once=True) == {"open": 0, "parked": 0}
        assert shown(house) >= {"small", "huge"}
    assert house.rows("SELECT count() FROM dws.dws_sale_out FINAL WHERE io_id = 'huge'") == [(300,)]
    assert complete(house) == house.plans.watermarks.value("sale_out", "read")


def test_a_record_that_the_broker_refuses_takes_none_of_its_page_along(house: House) -> None:
    window = plant(house, *(order(f"n-{number:02d}") for number in range(30)), huge(200))
    with largest_message(house.kafka, TOPIC, 100_000):
        receipt = pull(house, window)
    assert (receipt.carried, receipt.letters, receipt.proof) == (30, 1, "counted")
    assert f"超过 topic {TOPIC} 的 max.message.bytes（现在 100,000）" in letters(house)[0][1]
    assert len(shown(house)) == 30
    run(house, at_once=True)
    assert len(shown(house)) == 31
    assert plan_state(house) == ("proven", "")


def test_a_letter_that_is_too_large_itself_is_kept_without_its_text(house: House) -> None:
    window = plant(house, order("good"), order("bad", items=random.Random(1).randbytes(8000).hex()))
    with largest_message(house.kafka, LETTERS, 4000):
        pull(house, window)
    assert [reason for reason, _ in letters(house)] == ["bad_lines"]
    assert run(house, patience=PATIENCE) == {"open": 1, "parked": 0}
    assert house.database.rows("SELECT count(*) FROM letter") == [(1,)], "read from Kafka it is the same letter"


def test_a_topic_that_takes_no_letter_at_all_stops_the_pull_and_is_named(house: House) -> None:
    window = plant(house, order("bad", items="?"))
    with largest_message(house.kafka, LETTERS, 200), pytest.raises(Misconfigured, match=r"死信.*收不下"):
        pull(house, window)
    assert house.database.rows("SELECT state FROM plan") == [("planned",)]
