"""A message is kept once, sent in its turn, and nothing says afterwards what it does not know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.messages.message import Message
from jst.messages.outbox import Outbox

pytestmark = pytest.mark.postgres


def message(**changed: Any) -> Message:
    facts: dict[str, Any] = {
        "channel": "dingtalk", "kind": "report", "subject": "daily", "slot": "2026-11-29",
        "until": SystemClock().now() + timedelta(hours=3), "title": "昨日经营", "lines": ("出库 **1,204** 单",),
    }  # fmt: skip
    return Message(**{**facts, **changed})


def test_the_same_key_is_one_message_and_the_first_one_stays(database: Database) -> None:
    outbox = Outbox(database)
    first = outbox.put(message(picture=b"\x89PNG", mentions=("wang",)))
    assert outbox.put(message(title="另一个标题", picture=b"other")) == first
    assert outbox.put(message(channel="feishu")) != first
    kept = outbox.one(first)
    assert kept is not None
    assert (kept.message.title, kept.message.mentions, kept.state) == ("昨日经营", ("wang",), "waiting")
    assert kept.message.lines == ("出库 **1,204** 单",)
    assert outbox.picture(first) == b"\x89PNG"
    assert outbox.counts() == {"waiting": 2}


def test_incidents_go_before_reports_and_the_end_of_one_never_before_its_beginning(database: Database) -> None:
    outbox = Outbox(database)
    outbox.put(message())
    outbox.put(message(slot="urgent", priority=0))
    began = outbox.put(message(kind="incident", subject="7", slot="opened", priority=2))
    outbox.put(message(kind="incident", subject="7", slot="closed", priority=0))
    turns = []
    for _ in range(4):
        due = outbox.next_due("dingtalk")
        assert due is not None
        claimed = outbox.claim(due)
        assert claimed is not None
        assert outbox.claim(due) is None, "claimed twice"
        if due.message_id == began:  # while its beginning is under way, or waits for another try, the end waits
            assert outbox.next_due("dingtalk").message.slot == "urgent"  # type: ignore[union-attr]
        outbox.mark(claimed, "sent")
        turns.append(due.message.slot)
    assert turns == ["opened", "closed", "urgent", "2026-11-29"]
    assert outbox.next_due("dingtalk") is None


def test_what_is_of_no_use_any_more_is_skipped_and_said(database: Database) -> None:
    outbox = Outbox(database)
    past = datetime(2026, 11, 29, 12, tzinfo=SHANGHAI)
    number = outbox.put(message(until=past))
    assert outbox.next_due("dingtalk") is None
    assert (outbox.skip_ended(), outbox.skip_ended()) == (1, 0)
    kept = outbox.one(number)
    assert kept is not None
    assert (kept.state, kept.due_at, kept.what) == ("skipped", None, "到了截止时间还没有发出")


def test_only_a_person_sends_again_what_may_have_been_sent(database: Database) -> None:
    outbox = Outbox(database)
    number = outbox.put(message())
    claimed = outbox.claim(outbox.next_due("dingtalk"))  # type: ignore[arg-type]
    assert claimed is not None
    assert [kept.message_id for kept in outbox.left("dingtalk")] == [number]
    outbox.mark(claimed, "maybe_sent", what="发送时连接中断")
    assert outbox.next_due("dingtalk") is None
    assert outbox.send_again(number, "oncall")
    assert not outbox.send_again(number, "oncall"), "a second click must not send a third one"
    again = outbox.claim(outbox.next_due("dingtalk"))  # type: ignore[arg-type]
    assert again is not None
    outbox.mark(claimed, "refused", what="late word of the first claim")
    outbox.mark(again, "sent")
    kept = outbox.one(number)
    assert kept is not None
    assert (kept.state, kept.again_by, kept.what, kept.due_at) == ("sent", "oncall", "", None)


def test_a_refused_message_is_tried_again_when_it_is_due_and_stays_refused_at_its_end(database: Database) -> None:
    outbox = Outbox(database)
    number = outbox.put(message())
    due = outbox.next_due("dingtalk")
    assert due is not None
    outbox.set_aside(due, "refused", what="密钥不对", do="改连接", due_at=SystemClock().now() + timedelta(hours=1))
    assert outbox.next_due("dingtalk") is None
    database.rows("UPDATE message SET due_at = now()")
    assert outbox.next_due("dingtalk") is not None
    database.rows("UPDATE message SET until = now()")
    outbox.skip_ended()
    kept = outbox.one(number)
    assert kept is not None
    assert (kept.state, kept.what, kept.do) == ("refused", "密钥不对；截止时间已过", "改连接")
