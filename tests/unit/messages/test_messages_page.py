"""The page 消息 shows what became of each message, what to do, and a button where a person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.ledger.english import HAN
from jst.messages.channels import channels
from jst.messages.message import STATE_TITLES, Message, Posted, State
from jst.messages.messages_page import OutboxLook, messages_page

NOW = datetime(2026, 11, 30, 8, 31, tzinfo=SHANGHAI)


def posted(number: int, state: State, **changed: Any) -> Posted:
    message = Message("feishu", "report", "daily", f"slot {number}", NOW, "Daily <b>", ("**12**",), mentions=("wang",))
    facts: dict[str, Any] = {
        "message_id": number, "message": message, "state": state, "attempt": 1, "put_at": NOW, "moved_at": NOW,
        "due_at": None, "what": "", "do": "", "again_by": None,
    }  # fmt: skip
    return Posted(**{**facts, **changed})


def shown(lang: str, may_send: bool = True) -> str:
    listed = [posted(number, state) for number, state in enumerate(STATE_TITLES)]
    listed.append(posted(9, "refused", what="签名不对", do="核对这台机器的时钟", again_by="oncall", due_at=NOW))
    look = OutboxLook(listed, {"sent": 1}, {2}, [channels()["sms"]])
    return messages_page(look, state="sent", lang=lang, may_send=may_send, files="boards/files/1")


def test_a_person_may_send_again_what_may_not_have_arrived_and_nothing_that_has() -> None:
    page = shown("zh")
    offered = {number for number in (*range(6), 9) if f'name="again" value="{number}"' in page}
    assert offered == {3, 4, 5, 9}
    assert 'name="again"' not in shown("zh", may_send=False)
    assert "Daily &lt;b&gt;" in page
    assert "messages/2/picture" in page


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["可能已发送", "签名不对", "处理：核对这台机器的时钟", "没有连接 sms_default", "由 oncall 再发"]),
        ("en", ["Maybe sent", "The signature is wrong", "To do: Check this machine", "no connection sms_default"]),
    ],
)
def test_it_says_everything_in_both_languages(lang: str, said: list[str]) -> None:
    page = shown(lang)
    assert [text for text in said if text not in page] == []
    if lang == "en":
        assert HAN.findall(page.replace("打开看板", "").replace(">中文<", "><")) == []
