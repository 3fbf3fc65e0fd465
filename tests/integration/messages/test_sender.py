"""Each message once, whoever dies and whatever the line does; counted by what people have seen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.instruments.messengers import Messengers
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.messages.channels import channels
from jst.messages.message import Message
from jst.messages.outbox import Outbox
from jst.messages.robot import Addressee
from jst.messages.sender import Sender
from tests.support.clocks import Impatient

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]


def message(number: int = 1, **changed: Any) -> Message:
    facts: dict[str, Any] = {
        "channel": "feishu", "kind": "report", "subject": "daily", "slot": f"2026-11-{number:02d}",
        "until": SystemClock().now() + timedelta(hours=3), "title": f"日报 {number}", "lines": ("一切正常",),
    }  # fmt: skip
    return Message(**{**facts, **changed})


def nobody(accounts: Sequence[str]) -> list[Addressee]:
    return [Addressee(account) for account in accounts]


@pytest.fixture
def sender(database: Database, messengers: Messengers) -> Callable[..., Sender]:
    def build(channel: str = "feishu", **changed: Any) -> Sender:
        conn = messengers.connection(channels()[channel].connection, **changed)
        return Sender(database, channels()[channel], lambda _: conn, nobody, Impatient())

    return build


def states(database: Database) -> list[str]:
    return [posted.state for posted in reversed(Outbox(database).listed())]


def test_incidents_leave_before_reports(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    outbox = Outbox(database)
    outbox.put(message(1))
    outbox.put(message(2, kind="incident", subject="7", slot="opened", title="库存为 0", reference="7"))
    assert sender().send_due() == 2
    assert sender().send_due() == 0
    assert [seen.title for seen in messengers.seen()] == ["库存为 0", "日报 1"]
    assert states(database) == ["sent", "sent"]


def test_without_a_connection_nothing_is_sent_and_it_says_so(database: Database, messengers: Messengers) -> None:
    Outbox(database).put(message())
    Sender(database, channels()["feishu"], lambda _: None, nobody, Impatient()).send_due()
    (posted,) = Outbox(database).listed()
    assert (posted.state, posted.what) == ("skipped", "没有连接 feishu_default，没有发送")
    assert messengers.seen() == []


def test_a_report_of_unknown_outcome_waits_for_a_person_and_an_incident_is_repeated_with_its_id(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    outbox = Outbox(database)
    report = outbox.put(message(1))
    outbox.put(message(2, kind="incident", subject="7", slot="opened", title="库存为 0", reference="7"))
    messengers.faults(feishu={"fault": "drop_after", "times": 2})
    sender().send_due()
    assert states(database) == ["maybe_sent", "waiting"]
    database.rows("UPDATE message SET due_at = now() WHERE state = 'waiting'")
    for _ in range(2):
        sender().send_due()
    assert states(database) == ["maybe_sent", "sent"]
    cards = [seen for seen in messengers.seen() if seen.title == "库存为 0"]
    assert ["重复" in card.text for card in cards] == [False, True]
    assert all("事件 7" in card.text for card in cards)
    assert [seen.title for seen in messengers.seen()].count("日报 1") == 1
    assert outbox.send_again(report, "oncall")
    sender().send_due()
    assert [seen.title for seen in messengers.seen()].count("日报 1") == 2


def test_a_robot_that_takes_nothing_is_one_incident_until_it_does(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    outbox, incidents = Outbox(database), Incidents(database)
    for number in range(3):
        outbox.put(message(number))
    sender(secret="wrong").send_due()
    assert states(database) == ["refused", "waiting", "waiting"]
    assert [(each.kind, each.subject) for each in incidents.standing()] == [("robot", "feishu")]
    assert "extra.secret" in incidents.standing()[0].do
    assert all("签名" in posted.what for posted in outbox.listed())
    assert sender().send_due() == 0, "it is left alone for five minutes"
    database.rows("UPDATE message SET due_at = now() WHERE state = 'refused'")
    assert sender().send_due() == 3
    assert incidents.standing() == []
    assert len(messengers.seen()) == 3


def test_too_fast_makes_everything_of_the_robot_wait(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    outbox = Outbox(database)
    outbox.put(message(1))
    outbox.put(message(2))
    messengers.faults(feishu={"fault": "too_fast", "times": 1})
    assert sender().send_due() == 0
    assert states(database) == ["waiting", "waiting"]
    assert all(posted.due_at and posted.due_at > SystemClock().now() for posted in outbox.listed())
    database.rows("UPDATE message SET due_at = now()")
    database.rows("UPDATE budget SET next_at = now()")
    assert sender().send_due() == 2


def test_a_line_that_never_stood_costs_no_message(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    Outbox(database).put(message())
    sender(host="http://127.0.0.1:9").send_due()
    assert states(database) == ["waiting"]
    database.rows("UPDATE message SET due_at = now()")
    sender().send_due()
    assert (states(database), len(messengers.seen())) == (["sent"], 1)


def test_two_senders_at_once_say_everything_once(postgres_dsn: str, database: Database, messengers: Messengers) -> None:
    outbox = Outbox(database)
    for number in range(12):
        outbox.put(message(number))
    conn = messengers.connection("feishu_default")

    def send(_: int) -> int:
        with Database(postgres_dsn) as own:
            return sum(
                Sender(own, channels()["feishu"], lambda _: conn, nobody, SystemClock()).send_due() for _ in range(3)
            )

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 12
    titles = [seen.title for seen in messengers.seen()]
    assert sorted(titles) == sorted(f"日报 {number}" for number in range(12))


_KILLED = """
import os, signal, sys, time
from datetime import timedelta
from types import SimpleNamespace
from jst.clock import SystemClock
from jst.control.database import Database
from jst.messages import outbox, sender
from jst.messages.channels import channels
from jst.messages.message import Message
from tests.support.clocks import Impatient
from bench.instruments.messengers import Messengers
dsn, url = sys.argv[1:]
conn = Messengers.connection(SimpleNamespace(url=url), "feishu_default")
def send():
    time.sleep(0.3)  # no robot is asked faster than it may be: what is shown here is death, not haste
    with Database(dsn) as own:
        own.rows("UPDATE budget SET next_at = now() - interval '1 minute'")
        sender.Sender(own, channels()["feishu"], lambda _: conn, lambda _: [], Impatient()).send_due()
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def killed(name, point):
    whole = getattr(outbox.Outbox, name)
    later = lambda *given, **more: (whole(*given, **more), die())
    setattr(outbox.Outbox, name, die if point == "before" else later)
    send()
for kind in ("report", "incident"):
    for point in ("before claim", "after claim", "before mark", "after mark"):
        message = Message("feishu", kind, f"{kind} {point}", "1", SystemClock().now() + timedelta(hours=1),
                          f"{kind} {point}", reference=point if kind == "incident" else "")
        with Database(dsn) as own:
            number = outbox.Outbox(own).put(message)
        child = os.fork()
        if not child:
            killed(point.split()[1], point.split()[0])
            os._exit(1)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        for _ in range(2):
            send()
            with Database(dsn) as own:
                assert outbox.Outbox(own).put(message) == number
                own.rows("UPDATE message SET due_at = now() WHERE state = 'waiting'")
"""


def test_a_sender_killed_anywhere_leaves_one_report_or_one_that_may_have_been_sent_and_no_incident_unsaid(
    postgres_dsn: str, database: Database, messengers: Messengers
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, postgres_dsn, messengers.url],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = Counter(each.title for each in messengers.seen())
    found = {posted.message.title: (posted.state, seen[posted.message.title]) for posted in Outbox(database).listed()}
    assert found == {
        "report before claim": ("sent", 1),
        "report after claim": ("maybe_sent", 0),
        "report before mark": ("maybe_sent", 1),
        "report after mark": ("sent", 1),
        "incident before claim": ("sent", 1),
        "incident after claim": ("sent", 1),
        "incident before mark": ("sent", 2),
        "incident after mark": ("sent", 1),
    }
    repeated = [each.text for each in messengers.seen() if each.title == "incident before mark"]
    assert ["重复" in text for text in repeated] == [False, True]


def test_a_message_that_cannot_be_written_holds_up_none_behind_it(
    database: Database, messengers: Messengers, sender: Callable[..., Sender]
) -> None:
    Outbox(database).put(message(1, severity="unheard of"))
    Outbox(database).put(message(2))
    assert sender().send_due() == 1
    assert states(database) == ["refused", "sent"]
    assert [seen.title for seen in messengers.seen()] == ["日报 2"]
