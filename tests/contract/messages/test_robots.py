"""Each robot over a real line, against a stand-in that verifies and refuses as the vendor does."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bench.instruments.messengers import Messengers
from bench.instruments.moved_clock import MovedClock
from jst.clock import SHANGHAI, SystemClock
from jst.errors import JstError, Misconfigured, Refused, Retry, Unaccepted
from jst.messages.channels import Channel
from jst.messages.message import Message, Posted
from jst.messages.robot import Addressee, Robot
from jst.messages.robots import ChannelRobot
from jst.messages.web_post import OutcomeUnknown

WANG = Addressee("王芳", mobile="13912345678", dingtalk_id="manager1", feishu_id="ou_wang")
LI = Addressee("李强", dingtalk_id="li4")
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
CONNECTIONS = {"dingtalk": "dingtalk_default", "feishu": "feishu_default", "sms": "sms_default"}


def robot(messengers: Messengers, vendor: Any, clock: Any = None, **changed: Any) -> Robot:
    conn = messengers.connection(CONNECTIONS[vendor], **changed)
    channel = Channel(vendor, vendor, conn.conn_id, {"zh": vendor, "en": vendor})
    found = ChannelRobot(channel, lambda _: conn, clock or SystemClock()).get()
    assert found is not None
    return found


def posted(**changed: Any) -> Posted:
    now = datetime.now(SHANGHAI)
    facts: dict[str, Any] = {
        "channel": "x", "kind": "incident", "subject": "7", "slot": "opened", "until": now + timedelta(hours=3),
        "title": "库存为 0", "lines": ("旗舰店 **12** 个在售商品库存为 0", "A001 连衣裙"),
        "link": "http://airflow/jst/boards/stock_alert?sku=A001", "severity": "critical", "reference": "7",
    }  # fmt: skip
    return Posted(3, Message(**{**facts, **changed}), "sending", 1, now, now, None, "", "", None)


def say(robot: Robot, message: Posted, *people: Addressee, picture: bytes | None = None) -> None:
    robot.prepare(message, picture, people)()


def test_dingtalk_calls_whom_the_text_names(messengers: Messengers) -> None:
    say(robot(messengers, "dingtalk"), posted(), WANG, LI, Addressee("无号"))
    (seen,) = messengers.seen("dingtalk")
    assert seen.called == ["13912345678", "li4"]
    assert "@无号" in seen.text
    assert "[打开看板](http://airflow/jst/boards/stock_alert?sku=A001)" in seen.text
    assert "事件 7" in seen.text
    assert "重复" not in seen.text
    assert "139****5678" in messengers.page()
    assert "13912345678" not in messengers.page()


def test_feishu_shows_a_card_with_colour_button_and_mention(messengers: Messengers) -> None:
    say(robot(messengers, "feishu"), posted(), WANG)
    (seen,) = messengers.seen("feishu")
    assert (seen.title, seen.called, seen.link) == ("库存为 0", ["ou_wang"], posted().message.link)
    assert seen.raw["card"]["header"]["template"] == "red"
    assert "13912345678" not in json.dumps(seen.raw)


def test_sms_goes_to_who_is_mentioned_else_to_the_connection_s_phones(messengers: Messengers) -> None:
    sms = robot(messengers, "sms")
    say(sms, posted(lines=("[健康分](http://x/) 跌到 73 " + "很慢" * 30,)), WANG)
    say(sms, posted(lines=()), LI)
    first, second = messengers.seen("sms")
    assert (first.called, second.called) == (["13912345678"], ["13800000001"])
    assert first.text.startswith("【沙箱签名】库存为 0，健康分 跌到 73 很慢")
    assert max(map(len, json.loads(first.raw["TemplateParam"]).values())) == 35


@pytest.mark.parametrize("vendor", ["dingtalk", "feishu"])
def test_a_picture_is_uploaded_by_the_app_and_seen(messengers: Messengers, vendor: str) -> None:
    speaker = robot(messengers, vendor)
    for _ in range(2):
        say(speaker, posted(), picture=PNG)
    first, second = messengers.seen(vendor)
    assert (messengers.picture(first.picture), first.picture < second.picture) == (PNG, True)


def test_without_an_app_a_picture_is_its_address_or_the_words(messengers: Messengers) -> None:
    nothing = dict.fromkeys(("app_key", "app_secret", "robot_code", "open_conversation_id"), "")
    speaker = robot(messengers, "dingtalk", **nothing)
    say(speaker, posted(picture_url="https://oss/board.png"), picture=PNG)
    say(speaker, posted(), picture=PNG)
    with_address, words = messengers.seen("dingtalk")
    assert "![库存为 0](https://oss/board.png)" in with_address.text
    assert (words.picture, "A001 连衣裙" in words.text) == (0, True)


@pytest.mark.parametrize("vendor", ["dingtalk", "feishu"])
def test_a_flood_is_cut_to_what_a_robot_accepts_and_says_so(messengers: Messengers, vendor: str) -> None:
    say(robot(messengers, vendor), posted(lines=tuple(f"第 {number} 行 " + "长" * 90 for number in range(5000))), WANG)
    (seen,) = messengers.seen(vendor)
    assert "…还有 49" in seen.text
    assert seen.called


REFUSALS: list[tuple[str, str, type[JstError], str]] = [
    ("dingtalk", "token", Misconfigured, "access_token"),
    ("dingtalk", "sign", Misconfigured, "extra.secret"),
    ("dingtalk", "timestamp", Misconfigured, "时钟"),
    ("dingtalk", "keyword", Misconfigured, "关键词"),
    ("dingtalk", "ip", Misconfigured, "出口 IP"),
    ("dingtalk", "too_fast", Refused, "自动再发"),
    ("dingtalk", "busy", Retry, "自动再发"),
    ("dingtalk", "bad_format", Unaccepted, "维护者"),
    ("dingtalk", "too_large", Unaccepted, "缩短"),
    ("feishu", "token", Misconfigured, "webhook"),
    ("feishu", "sign", Misconfigured, "extra.secret"),
    ("feishu", "timestamp", Misconfigured, "时钟"),
    ("feishu", "keyword", Misconfigured, "关键词"),
    ("feishu", "ip", Misconfigured, "出口 IP"),
    ("feishu", "too_fast", Refused, "自动再发"),
    ("feishu", "bad_format", Unaccepted, "维护者"),
    ("sms", "token", Misconfigured, "AccessKey"),
    ("sms", "sign", Misconfigured, "login"),
    ("sms", "timestamp", Misconfigured, "时钟"),
    ("sms", "template", Misconfigured, "extra.template_code"),
    ("sms", "no_balance", Misconfigured, "充值"),
    ("sms", "too_fast", Refused, "自动再发"),
    ("sms", "busy", Retry, "自动再发"),
    ("sms", "bad_format", Unaccepted, "改掉内容"),
]


@pytest.mark.parametrize(("vendor", "fault", "order", "advice"), REFUSALS)
def test_each_refusal_is_named_with_what_to_do(
    messengers: Messengers, vendor: str, fault: str, order: type[JstError], advice: str
) -> None:
    messengers.faults(**{vendor: {"fault": fault, "times": 1}})
    speaker = robot(messengers, vendor)
    with pytest.raises(order) as refused:
        say(speaker, posted())
    assert type(refused.value) is order
    assert advice in refused.value.do or advice in refused.value.what
    assert messengers.seen() == []
    say(speaker, posted())
    assert len(messengers.seen(vendor)) == 1


@pytest.mark.parametrize("vendor", list(CONNECTIONS))
def test_a_wrong_secret_and_a_wrong_clock_are_refused_by_the_stand_in_itself(
    messengers: Messengers, vendor: str
) -> None:
    wrong = {"password": "wrong"} if vendor == "sms" else {"secret": "SECwrong"}
    with pytest.raises(Misconfigured, match=r"签名不对|AccessKey"):
        say(robot(messengers, vendor, **wrong), posted())
    late = MovedClock(datetime.now(SHANGHAI) - timedelta(hours=2))
    with pytest.raises(Misconfigured, match="时间戳"):
        say(robot(messengers, vendor, late), posted())
    assert messengers.seen() == []


def test_a_robot_that_is_too_fast_is_named_so_and_silent_for_ten_minutes(messengers: Messengers) -> None:
    speaker = robot(messengers, "dingtalk")
    for _ in range(20):
        say(speaker, posted())
    with pytest.raises(Refused) as refused:
        say(speaker, posted())
    assert refused.value.after == 600
    messengers.moved += 120
    with pytest.raises(Refused):
        say(speaker, posted())
    assert len(messengers.seen("dingtalk")) == 20


UNKNOWN = [
    ("drop_before", 0), ("http_500_before", 0), ("http_502_html", 0), ("not_json", 0), ("drop_after", 1),
    ("http_500", 1),
]  # fmt: skip


@pytest.mark.parametrize("vendor", list(CONNECTIONS))
@pytest.mark.parametrize(("fault", "seen"), UNKNOWN)
def test_what_may_have_left_is_never_taken_for_what_has_not(
    messengers: Messengers, vendor: str, fault: str, seen: int
) -> None:
    messengers.faults(**{vendor: {"fault": fault, "times": 1}})
    with pytest.raises(OutcomeUnknown):
        say(robot(messengers, vendor), posted())
    assert len(messengers.seen(vendor)) == seen


@pytest.mark.parametrize("vendor", list(CONNECTIONS))
def test_a_line_that_never_stood_is_known_to_have_carried_nothing(messengers: Messengers, vendor: str) -> None:
    with pytest.raises(Retry, match="没有发出") as away:
        say(robot(messengers, vendor, host="http://127.0.0.1:9", port=None), posted())
    assert not isinstance(away.value, OutcomeUnknown)


@pytest.mark.parametrize("vendor", list(CONNECTIONS))
def test_no_error_and_no_log_shows_a_secret_or_a_number(
    messengers: Messengers, vendor: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    conn = messengers.connection(CONNECTIONS[vendor])
    said = [repr(robot(messengers, vendor)), repr(WANG)]
    for fault in ("token", "drop_after", "http_502_html", "sign"):
        messengers.faults(**{vendor: {"fault": fault, "times": 1}})
        with pytest.raises(JstError) as refused:
            say(robot(messengers, vendor), posted(), WANG)
        said += [str(refused.value), repr(refused.value.__cause__)]
    text = " ".join([*said, caplog.text])
    for secret in (conn.password, WANG.mobile, *conn.extra_dejson.get("phones", [])):
        assert secret not in text


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"password": ""}, "password"),
        ({"password": "https://oapi.dingtalk.com/robot/send?access_token=1"}, "整个地址"),
        ({"extra_dejson": {"secrets": "SEC"}}, "secrets"),
        ({"extra_dejson": {"app_key": "k"}}, "extra.app_secret"),
        ({"host": "ftp://x"}, "host"),
        ({"host": "http://x:abc"}, "host"),
    ],
)
def test_a_wrong_field_of_a_connection_is_named(fields: dict[str, Any], named: str) -> None:
    facts: dict[str, Any] = {
        "conn_id": "dingtalk_default",
        "host": "",
        "port": None,
        "login": "",
        "password": "t",
        "extra_dejson": {},
    }
    conn = SimpleNamespace(**{**facts, **fields})
    channel = Channel("dingtalk", "dingtalk", "dingtalk_default", {"zh": "", "en": ""})
    with pytest.raises(Misconfigured, match=r"dingtalk_default .*messages\.md") as wrong:
        ChannelRobot(channel, lambda _: conn, SystemClock()).get()
    assert named in str(wrong.value)


def test_the_sms_stand_in_verifies_what_aliyun_s_own_sdk_signs(messengers: Messengers) -> None:
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    conn = messengers.connection("sms_default")
    config = Config(access_key_id=conn.login, access_key_secret=conn.password,
                    endpoint=messengers.url.partition("//")[2], protocol="http")  # fmt: skip
    params = Params(action="SendSms", version="2017-05-25", protocol="HTTP", method="POST", auth_type="AK", style="RPC",
                    pathname="/", req_body_type="json", body_type="json")  # fmt: skip
    query = {
        "PhoneNumbers": "13900000000", "SignName": conn.extra_dejson["sign_name"],
        "TemplateCode": conn.extra_dejson["template_code"],
        "TemplateParam": json.dumps({"title": "健康分 73", "why": "慢查询", "since": "08:30"}),
    }  # fmt: skip
    answer = Client(config).call_api(params, OpenApiRequest(query=query), RuntimeOptions(autoretry=False))
    assert answer["body"]["Code"] == "OK"
    assert len(messengers.seen("sms")) == 1
