"""One far side is dead: the other half goes on, and afterwards nothing is missing, without a hand."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from jst.control.incidents import Incidents
from jst.errors import Retry
from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import Limits
from jst.kafka.exact_reader import Expired
from jst.ledger.facts import read
from jst.ledger.finding import Finding
from jst.ledger.findings import findings, headline
from jst.model.module import module_names
from local.instance import Instance
from tests.support.against_the_source import TO_THE_END, assert_equal_to_the_source, drain
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture
def busy(house: House) -> House:
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    return house


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_pull_goes_on_while_clickhouse_is_dead(busy: House, stack: Instance) -> None:
    stack.stop("clickhouse")
    try:
        counts = busy.shift().run(Limits(longest=6))
        with pytest.raises(Retry, match="ClickHouse 连不上"):
            busy.loader().load_waiting()
        began = busy.clock.monotonic()
        with pytest.raises(Retry, match="ClickHouse 连不上"):
            LoadShift(busy.loader(), busy.holds, busy.clock, "run-1").run(lambda: False)
        assert 90 < busy.clock.monotonic() - began < 130
        said = headline_of(busy)
        waiting = len(busy.plans.waiting("sale_out"))
        assert (said.level, said.what) == ("bad", f"ClickHouse 连不上，销售出库的 {waiting} 批在 Kafka 里等，不会丢")
    finally:
        stack.start("clickhouse")
    assert counts["carried"] > 0
    assert len(busy.plans.waiting("sale_out")) == counts["plans"] - _quiet(busy)
    drain(busy)
    assert_equal_to_the_source(busy)


def _quiet(house: House) -> int:
    ((count,),) = house.database.rows("SELECT count(*) FROM receipt WHERE carried = 0")
    return int(count)


SOURCE_FAULTS = {
    "http_500": "聚水潭暂时不能服务",
    "http_502_html": "聚水潭暂时不能服务",
    "datas_null": "datas 为 null",
    "drop": "与聚水潭的连接中途断开",
    "away": "连不上聚水潭",
}


@pytest.mark.parametrize("fault", SOURCE_FAULTS)
def test_a_source_in_trouble_is_red_after_90_seconds_with_the_real_limits(busy: House, fault: str) -> None:
    """Silence ends a shift after 30 s; trouble is no silence. Since when it lasts outlives the shift."""
    busy.sandbox.stop() if fault == "away" else busy.sandbox.faults(**{fault: {}})
    began = busy.clock.monotonic()
    with pytest.raises(Retry, match=SOURCE_FAULTS[fault]):
        busy.shift().run(Limits())
    assert 90 < busy.clock.monotonic() - began < 130
    first = headline_of(busy)
    assert (first.level, first.dag_id) == ("bad", "jst_sale_out")
    assert "：销售出库已停 1 分" in first.what
    assert SOURCE_FAULTS[fault] in first.what
    began = busy.clock.monotonic()
    with pytest.raises(Retry, match=SOURCE_FAULTS[fault]):
        busy.shift(run_id="run-2").run(Limits())
    assert busy.clock.monotonic() - began < 30
    assert [each.kind for each in Incidents(busy.database).standing()] == ["server_away"]
    busy.sandbox.start() if fault == "away" else busy.sandbox.faults()
    busy.shift(run_id="run-3").run(Limits(longest=3))
    assert Incidents(busy.database).standing() == []
    assert busy.holds.troubles.standing() is None


def headline_of(house: House) -> Finding:
    ledger = read(house.database, module_names())
    return headline(ledger, findings(ledger))


def test_load_finishes_what_is_there_while_the_source_is_dead(busy: House) -> None:
    busy.shift().run(Limits(longest=6))
    busy.sandbox.stop()
    waiting = sum(carried for _, carried, _ in busy.plans.waiting("sale_out"))
    assert busy.loader().load_waiting() == waiting > 0
    with pytest.raises(Retry, match="连不上聚水潭"):
        busy.shift(run_id="run-2").run(Limits(patience=0))
    busy.sandbox.start()
    drain(busy)
    assert_equal_to_the_source(busy)


def test_a_shift_outlives_a_source_that_is_away_for_a_moment(busy: House) -> None:
    busy.wait_really()
    counts: dict[str, int] = {}
    pulling = beside(lambda: counts.update(busy.shift().run(Limits(longest=15))))
    other = busy.beside()
    other.wait_really()
    while not other.plans.waiting("sale_out"):
        other.clock.sleep(0.1)
    busy.sandbox.stop()
    busy.sandbox.start()
    pulling.join()
    other.close()
    busy.wait_really(really=False)
    assert counts["plans"] > 1
    drain(busy)
    assert_equal_to_the_source(busy)


def test_kafka_away_keeps_the_plan_and_the_watermark(
    busy: House, stack: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jst.kafka.producer.DEADLINE_SECONDS", 4.0)
    busy.shift().run(Limits(longest=3))
    before = busy.plans.watermarks.value("sale_out", "read")
    stack.stop("kafka")
    try:
        with pytest.raises(Retry, match=r"Kafka 没有确认写入（topic ods\.sale_out 只确认了"):
            busy.shift(run_id="run-2").run(Limits(patience=0))
        busy.skip(95)  # the trouble is remembered, whichever shift meets it
        with pytest.raises(Retry, match=r"Kafka 没有确认写入"):
            busy.shift(run_id="run-3").run(Limits())
        assert headline_of(busy).what.startswith("Kafka 没有确认写入：销售出库已停 1 分")
    finally:
        stack.start("kafka")
    assert busy.plans.watermarks.value("sale_out", "read") == before
    assert busy.plans.next_planned("sale_out", "live") is not None
    drain(busy)
    assert_equal_to_the_source(busy)


def test_records_that_kafka_has_lost_are_pulled_again_by_the_next_shift(busy: House) -> None:
    busy.shift().run(Limits(longest=4))
    waiting = busy.plans.waiting("sale_out")
    ends = {partition: end for _, _, offsets in waiting for partition, (_, end) in offsets.items()}
    admin = AdminClient({**busy.kafka})
    for deleted in admin.delete_records([TopicPartition("ods.sale_out", p, end) for p, end in ends.items()]).values():
        deleted.result(20)
    with pytest.raises(Expired, match="已过期"):
        busy.loader().load_waiting()
    assert busy.plans.next_planned("sale_out", "live") is not None
    drain(busy)
    assert_equal_to_the_source(busy)


def test_a_fresh_tail_that_kafka_lost_is_carried_again_by_the_same_puller(busy: House) -> None:
    puller = busy.puller()
    busy.shift(puller=puller).run(Limits(longest=3))
    busy.freeze()
    for plan, _, _ in busy.plans.waiting("sale_out"):
        busy.plans.pull_again("sale_out", [(plan.plan_id, plan.attempt)])
    busy.shift(run_id="run-2", puller=puller).run(TO_THE_END)
    busy.first_load()
    assert_equal_to_the_source(busy)
