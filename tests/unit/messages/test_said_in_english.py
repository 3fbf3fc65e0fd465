"""What robots refuse is said in English on the English pages, and no address or number is in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jst.ledger.english import HAN, english
from jst.messages import dingtalk_codes, feishu_codes, robot, sms
from jst.messages.robot import Code


def codes() -> Iterator[Code]:
    for module in (dingtalk_codes, feishu_codes, sms, robot):
        for value in vars(module).values():
            listed = value.values() if isinstance(value, dict) else [value]
            yield from (each for each in listed if isinstance(each, Code))


def test_every_code_has_its_english() -> None:
    said = {text for code in codes() for text in (code.what, code.do)}
    assert len(said) > 50
    left = {
        text for text in said if HAN.search(english(text).replace("加签", "").replace("人员", "").replace("消息", ""))
    }
    assert left == set(), "add them to include/config/english.yaml"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "飞书群发不出消息：飞书拒绝了消息：签名不对，或时间戳与北京时间相差超过 1 小时"
            "（code 19021 sign match fail）",
            "Feishu group takes no messages: Feishu refused the message: The signature is wrong, or the clock is more "
            "than 1 hour off (code 19021 sign match fail)",
        ),
        (
            "连不上钉钉（ConnectError），消息没有发出",
            "DingTalk cannot be reached (ConnectError), the message has not left",
        ),
        ("没有连接 sms_default，没有发送", "There is no connection sms_default, nothing was sent"),
    ],
)
def test_a_refusal_is_said_whole(said: str, meant: str) -> None:
    assert english(said) == meant
