"""Dead letters are read again until they load; what keeps failing is parked, visible, and comes back after the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from jst.control.incidents import Incidents
from jst.control.letter_redrive import Choice
from jst.errors import Retry
from jst.flow.dead_letters.index_scan import LetterScan
from jst.flow.dead_letters.redrive import PARKED
from jst.flow.pull import Puller
from jst.model.words import Origin
from tests.support.house import House
from tests.support.letter_redrive import DUE, PATIENCE, age, mend, modified, redrive, run
from tests.support.planted_orders import complete, letters, order, plan_state, plant, pull, shown

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def states(house: House) -> list[str]:
    return [state for (state,) in house.database.rows("SELECT state FROM letter ORDER BY created_at, position")]


def test_a_mended_record_is_asked_for_by_key_and_its_window_is_proven(house: House) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    assert shown(house) == {"good"}
    mend(house, window, "bad")
    assert run(house) == {"open": 0, "parked": 0}
    assert shown(house) == {"good", "bad"}
    assert (states(house), plan_state(house)) == (["redriven"], ("proven", ""))
    assert house.database.rows("SELECT keys, state FROM plan WHERE redrives IS NOT NULL") == [(["bad"], "proven")]
    assert complete(house) == window.end


def test_several_letters_of_one_window_are_one_reading(house: House) -> None:
    window = plant(house, order("good"), order("b-1", items="?"), order("b-2", items="?"), order("订单", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    mend(house, window, "b-1", "b-2", "订单")
    assert run(house) == {"open": 0, "parked": 0}
    assert shown(house) == {"good", "b-1", "b-2", "订单"}
    assert house.database.rows("SELECT keys, state FROM plan WHERE redrives IS NOT NULL") == [(None, "proven")]


def test_a_record_without_a_key_is_found_in_its_window(house: House) -> None:
    window = plant(house, order("good"), order("bad"))
    house.sandbox.faults(missing_key={"keys": ["bad"]})
    pull(house, window)
    house.loader().load_waiting()
    house.sandbox.faults()
    run(house)
    assert shown(house) == {"good", "bad"}
    assert plan_state(house) == ("proven", "")


def test_a_page_that_was_not_answered_is_read_again(house: House) -> None:
    window = plant(house, *(order(f"n-{number:02d}") for number in range(60)))
    with failing_page(house, 2) as puller:
        plan = house.plans.add("sale_out", "live", "jst_sale_out", "run-1", window, window.start - timedelta(seconds=1))
        puller.pull(plan)
    assert len(shown(house)) == 35
    assert plan_state(house) == ("open", "死信 1 条待处理")
    run(house)
    assert len(shown(house)) == 60
    assert (states(house), plan_state(house)) == (["redriven"], ("proven", ""))
    assert complete(house) == window.end


@contextmanager
def failing_page(house: House, failing: int) -> Iterator[Puller]:
    """A puller of whose client one page fails; the sandbox's faults know no page number."""
    puller = house.puller()
    answer = puller.client.page

    def page(module: Any, window: Any, index: int, *, origin: Origin, branch: int = 0) -> Any:
        house.sandbox.faults(**({"http_500": {}} if index == failing else {}))
        return answer(module, window, index, origin=origin, branch=branch)

    puller.client.page = page  # type: ignore[method-assign]
    yield puller
    house.sandbox.faults()


def test_what_keeps_failing_is_parked_then_excepted_and_proven_after_the_fix(house: House) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    for number in range(5):
        assert plan_state(house) == ("open", "死信 1 条待处理")
        assert complete(house) == window.start - timedelta(seconds=1)
        run(house, f"night-{number}")
        assert run(house, f"night-{number}") in ({"open": 1, "parked": 0}, {"open": 0, "parked": 1})
        ((tries,),) = house.database.rows("SELECT tries FROM letter")
        assert tries == number + 1  # the second run was too early
        age(house)
    assert (states(house), plan_state(house)) == (["parked"], ("excepted", "例外：搁置死信 1 条"))
    assert complete(house) == window.end
    assert [(each.kind, each.module) for each in Incidents(house.database).standing()] == [(PARKED, "sale_out")]
    assert house.database.rows("SELECT count(*) FROM letter") == [(1,)]  # met again is not a new one
    run(house, "later")
    assert house.database.rows("SELECT max(tries) FROM letter") == [(5,)]  # parked ones are left alone
    mend(house, window, "bad")
    assert run(house, "by hand", choice=Choice(), at_once=True) == {"open": 0, "parked": 0}
    assert shown(house) == {"good", "bad"}
    assert (states(house), plan_state(house)) == (["redriven"], ("proven", ""))
    assert Incidents(house.database).standing() == []


def test_a_record_that_is_bad_in_another_way_is_a_new_letter_and_one_that_left_its_window_none(house: House) -> None:
    window = plant(house, order("other", items="?"), order("gone", items="?"), order("good"))
    pull(house, window)
    house.loader().load_waiting()
    house.sandbox.post(
        "put", {"module": "sale_out", "row": {**order("other", pay_amount="x"), "modified": modified(window)}}
    )
    house.sandbox.post("put", {"module": "sale_out", "row": order("gone", items="?")})  # live reads it where it is now
    for _ in range(3):  # by key, twice: what is found is bad in a new way; then the window
        run(house)
        age(house)
    rows = house.database.rows("SELECT DISTINCT key, reason, state FROM letter")
    assert sorted(rows) == [
        ("gone", "bad_lines", "redriven"), ("other", "bad_lines", "redriven"), ("other", "bad_type", "open")
    ]  # fmt: skip
    house.sandbox.post("put", {"module": "sale_out", "row": {**order("other"), "modified": modified(window)}})
    run(house)
    assert plan_state(house) == ("proven", "")


def test_a_dry_run_and_a_list_change_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    house.loader().load_waiting()

    def everything() -> list[list[tuple[Any, ...]]]:
        return [house.database.rows(f"SELECT * FROM {table} ORDER BY 1") for table in ("plan", "letter", "watermark")]

    before, requests = everything(), house.sandbox.get("stats")["requests"]
    with caplog.at_level("INFO"):
        redrive(house).preview(Choice("sale_out", "bad_lines"))
        redrive(house).list(Choice())
        redrive(house).preview(Choice("inventory"))
    assert (everything(), house.sandbox.get("stats")["requests"]) == (before, requests)
    assert "bad_lines 1 条，已试 0 次 → 按主键重读 1 个" in caplog.text
    assert "没有改动任何东西" in caplog.text
    assert "主键 bad" in caplog.text
    assert "明细 items 不是列表" in caplog.text
    assert "0 个计划会重读" in caplog.text


def test_parking_by_hand_lets_the_watermark_pass(house: House) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    assert redrive(house).park(Choice("sku")) == {"open": 0, "parked": 0}
    assert redrive(house).park(Choice("sale_out", since=house.clock.now() - timedelta(hours=1)))["parked"] == 1
    assert plan_state(house)[0] == "excepted"
    assert complete(house) == window.end


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


def die(*_: Any, **__: Any) -> None:
    raise Killed


def kill_at(monkeypatch: pytest.MonkeyPatch, where: str, work: Callable[[], object]) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(where, die)
        with pytest.raises(Killed):
            work()


def test_a_letter_whose_producer_was_killed_before_the_index_is_found_in_kafka(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    run(house)  # the topic holds letters of other tests
    kill_at(monkeypatch, "jst.control.letter_index.LetterIndex.add", lambda: pull(house, window))
    assert letters(house) == []
    assert LetterScan(house.reader, house.letters).run() == 1
    assert LetterScan(house.reader, house.letters).run() == 0
    assert states(house) == ["open"]
    pull(house, window)  # the next shift takes the plan up and meets the letter it knows
    house.loader().load_waiting()
    assert (states(house), plan_state(house)) == (["open"], ("open", "死信 1 条待处理"))
    mend(house, window, "bad")
    run(house)
    assert shown(house) == {"good", "bad"}
    assert plan_state(house) == ("proven", "")


def test_a_letter_nobody_indexed_is_settled_when_a_later_attempt_has_read_its_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = plant(house, order("bad", items="?"))
    kill_at(monkeypatch, "jst.control.letter_index.LetterIndex.add", lambda: pull(house, window))
    mend(house, window, "bad")
    pull(house, window)
    assert shown(house) == {"bad"}
    run(house)
    assert (states(house), plan_state(house)) == (["redriven"], ("proven", ""))


@pytest.mark.parametrize(
    "where",
    [
        "jst.control.plans.Plans.start_attempt",  # the re-drive is written down, nothing is read
        "jst.control.plans.Plans.pulled",  # records lie in Kafka, no receipt
        "jst.flow.load.store_raw",  # pulled, not loaded
        "jst.control.plans.Plans.loaded",  # visible in ClickHouse, the letter still open
        "jst.control.letter_redrive.LetterRedrives.settle",  # all done but the last word
    ],
)
def test_a_killed_run_is_gone_on_with_and_nothing_is_lost_or_doubled(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    window = plant(house, order("good"), order("bad", items="?"), order("worse", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    mend(house, window, "bad")
    kill_at(monkeypatch, where, lambda: run(house))
    for number in range(3):
        assert complete(house) == window.start - timedelta(seconds=1)
        run(house, f"night-{number}")
        age(house)
    assert shown(house) == {"good", "bad"}
    assert sorted(house.database.rows("SELECT key, state FROM letter")) == [("bad", "redriven"), ("worse", "open")]
    mend(house, window, "worse")
    run(house, "morning")
    assert shown(house) == {"good", "bad", "worse"}
    assert house.rows("SELECT count(), uniqExact(io_id, sku_id) FROM dws.dws_sale_out FINAL") == [(6, 6)]
    assert plan_state(house) == ("proven", "")


def test_a_source_that_is_away_costs_no_try(house: House) -> None:
    window = plant(house, order("bad", items="?"))
    pull(house, window)
    house.sandbox.stop()
    with pytest.raises(Retry, match="连不上聚水潭"):
        redrive(house, patience_seconds=0).run(DUE, PATIENCE)
    house.sandbox.start()
    assert house.database.rows("SELECT tries, state FROM letter") == [(0, "open")]
    mend(house, window, "bad")
    run(house, "next")
    assert shown(house) == {"bad"}
