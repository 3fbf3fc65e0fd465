"""What the source should not send: good rows load, bad ones become named letters, nothing is skipped in silence."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from confluent_kafka import Consumer, TopicPartition

from jst.errors import Misconfigured, Retry
from jst.flow.live.shift import Limits
from jst.kafka.record import LETTERS
from jst.model.module import load_module
from jst.model.window import floor_second
from jst.model.words import Origin
from jst.warehouse.sql import statement
from tests.support.house import House
from tests.support.plan_story import begin
from tests.support.planted_orders import MOBILE, letters, order, plant, pull, shown

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
PATH = load_module("sale_out").endpoint("gateway").path


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"garbled_record": {"keys": ["bad"]}}, "not_an_object"),
        ({"garbled_record": {"keys": ["bad"], "form": "qty"}}, "bad_type"),
        ({"missing_key": {"keys": ["bad"]}}, "missing_key"),
    ],
    ids=["garbled", "qty", "no_key"],
)
def test_one_unreadable_record_is_a_letter_and_the_others_load(
    house: House, fault: dict[str, Any], reason: str
) -> None:
    window = plant(house, order("good-1"), order("bad"), order("good-2"))
    house.sandbox.faults(**fault)
    receipt = pull(house, window)
    assert [found for found, _ in letters(house)] == [reason]
    assert shown(house) == {"good-1", "good-2"}
    assert receipt.letters == 1
    ((state, why),) = house.database.rows("SELECT state, reason FROM plan")
    assert (state, why) == ("open", "死信 1 条待处理")
    assert house.plans.watermarks.value("sale_out", "read") == window.end
    ((complete, stuck),) = house.database.rows("SELECT value, reason FROM watermark WHERE kind = 'complete'")
    assert complete == window.start - timedelta(seconds=1)
    assert "死信 1 条待处理" in stuck


def test_side_fields_that_cannot_be_kept_cost_neither_a_record_nor_the_feed(house: House) -> None:
    names = [f"n-{number:02d}" for number in range(25)]
    window = plant(house, *(order(name, labels=["红"], pay_date="昨天", weight=10**9) for name in names))
    receipt = pull(house, window)
    assert letters(house) == []
    assert shown(house) == set(names)
    assert receipt.left_empty == dict.fromkeys(("labels", "pay_date", "weight"), (25, "n-00"))
    assert len(house.database.rows(statement("checks/left_empty"))) == 3
    assert house.database.rows("SELECT state FROM plan") == [("proven",)]


def test_mixed_line_keys_are_a_letter(house: House) -> None:
    window = plant(house, order("good"), order("bad", items=[{"ioi_id": "1", "sku_id": "A"}, {"sku_id": "B"}]))
    pull(house, window)
    assert [reason for reason, _ in letters(house)] == ["mixed_line_keys"]
    assert shown(house) == {"good"}


def test_numbers_as_strings_are_accepted_and_unknown_fields_dropped_and_counted(house: House) -> None:
    window = plant(house, order("a"))
    house.sandbox.faults(numbers_as_strings={}, unknown_field={})
    receipt = pull(house, window)
    assert sum(receipt.unknown.values()) == 1
    assert shown(house) == {"a"}
    assert house.rows("SELECT sum(gmv), sum(qty) FROM dws.dws_sale_out FINAL") == [(10, 2)]


def test_a_phone_number_reaches_no_topic_no_table_and_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    window = plant(house, order("good"), order("bad"))
    house.sandbox.faults(garbled_record={"keys": ["bad"]})
    with caplog.at_level(logging.DEBUG):
        pull(house, window)
        assert shown(house) == {"good"}
    everything = {
        "log": caplog.text,
        "kafka": _topic(house, "ods.sale_out") + _topic(house, LETTERS),
        "clickhouse": str(house.rows("SELECT body FROM ods.sale_out"))
        + str(house.rows("SELECT * FROM dws.dws_sale_out")),
        "jst_ops": _dump(house.dsn),
    }
    assert "good" in everything["kafka"]
    assert "not_an_object" in everything["kafka"]
    for place, text in everything.items():
        assert MOBILE not in text, place
        assert "张三丰" not in text, place


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"datas_null": {}}, "datas 为 null"),
        ({"missing_datas": {}}, "没有 datas"),
        ({"http_502_html": {}}, "HTTP 502"),
        ({"truncated_json": {}}, "不是完整的 JSON"),
        ({"total_missing": {}}, "没有 total"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_page_that_says_nothing_proves_nothing(house: House, fault: dict[str, Any], says: str) -> None:
    window = plant(house, order("a"))
    house.sandbox.faults(**fault)
    before = house.plans.watermarks.value("sale_out", "read")
    with pytest.raises(Retry, match=says) as caught:
        pull(house, window)
    for part in ("sale_out", PATH, "窗口", "处理："):
        assert part in str(caught.value)
    assert house.plans.watermarks.value("sale_out", "read") == before
    assert house.database.rows("SELECT state FROM plan") == [("planned",)]
    house.sandbox.faults()
    plan = house.plans.next_planned("sale_out", "live")
    assert plan is not None
    assert house.puller().pull(plan) is not None
    assert shown(house) == {"a"}


def test_a_later_page_that_keeps_failing_is_a_letter_and_the_window_stays_open(house: House) -> None:
    window = plant(house, *(order(f"n-{number:02d}") for number in range(60)))
    plan = house.plans.add("sale_out", "live", "jst_sale_out", "run-1", window, window.start - timedelta(seconds=1))
    puller = house.puller()
    answer = puller.client.page

    def page(module: Any, window: Any, index: int, *, origin: Origin, branch: int = 0) -> Any:
        house.sandbox.faults(**({"http_500": {}} if index == 2 else {}))
        return answer(module, window, index, origin=origin, branch=branch)

    puller.client.page = page  # type: ignore[method-assign]  # the sandbox's faults know no page number
    receipt = puller.pull(plan)
    assert receipt is not None
    assert (receipt.proof, receipt.letters) == ("", 1)
    assert [reason for reason, _ in letters(house)] == ["page_failed"]
    assert len(shown(house)) == 35


def test_a_feed_whose_records_are_nearly_all_bad_stops_instead_of_diverting_them(house: House) -> None:
    window = plant(house, *(order(f"n-{number:02d}", items="?") for number in range(25)), order("good"))
    with pytest.raises(Misconfigured, match="大多无法解析"):
        pull(house, window)
    assert letters(house) == []
    assert house.database.rows("SELECT state FROM plan") == [("planned",)]


def test_an_unreadable_row_in_a_quiet_hour_is_no_silence(house: House) -> None:
    window = plant(house, order("bad", items="?"))
    assert "源端有变更" in house.watch().reason_to_start()
    house.shift().run(Limits(quiet=0.5))
    assert [reason for reason, _ in letters(house)] == ["bad_lines"]
    ((complete,),) = house.database.rows("SELECT value FROM watermark WHERE kind = 'complete'")
    assert complete <= window.end


def test_a_feed_that_slept_for_more_than_a_week_starts_again(house: House) -> None:
    house.sandbox.post("orders_per_hour", {"value": 0})
    house.sandbox.post("freeze")
    long_ago = floor_second(house.clock.now()) - timedelta(days=20)
    begin(house.plans, "sale_out", long_ago)
    assert house.watch().reason_to_start() == ""
    read = house.plans.watermarks.value("sale_out", "read")
    assert read is not None
    assert timedelta(days=6) < read - long_ago < timedelta(days=7)


def _topic(house: House, topic: str) -> str:
    consumer = Consumer({**house.kafka, "group.id": "look", "enable.auto.commit": False})
    found: list[str] = []
    for partition in range(3):
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition))
        consumer.assign([TopicPartition(topic, partition, low)])
        while low < high and (message := consumer.poll(10)) is not None and not message.error():
            found.append(f"{message.key()!r} {(message.value() or b'').decode()} {message.headers()!r}")
            low = (message.offset() or 0) + 1
    consumer.close()
    return "\n".join(found)


def _dump(dsn: str) -> str:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cur:
        cur.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cur.fetchall()]
        texts = []
        for table in tables:
            cur.execute(f"SELECT row_to_json(t)::text FROM {table} AS t")
            texts += [text for (text,) in cur.fetchall()]
    connection.close()
    return "\n".join(texts)
