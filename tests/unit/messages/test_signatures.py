"""The signatures are those of the vendors: their vectors, and for Aliyun its own SDK's signer."""

from __future__ import annotations

from datetime import UTC, datetime

from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

from jst.messages import dingtalk, feishu
from jst.messages.aliyun_signature import encoded, signed_headers


def test_dingtalk_signs_a_millisecond() -> None:
    assert dingtalk.sign("SEC000", 1_700_000_000_000) == "ltBBey5eZrWKh1cPzFIdz3v3xpkc4Tjx4lLsPSHqdtA="


def test_feishu_signs_a_second_with_key_and_message_the_other_way_round() -> None:
    assert feishu.sign("SEC000", 1_700_000_000) == "QKhXycVUGrhA1dUEbXA2Vo/zGkv/W88IgYgKNA7Xmk0="


def test_aliyun_gets_the_signature_its_own_sdk_makes() -> None:
    params = {"PhoneNumbers": "13800000000", "SignName": "某某 公司", "TemplateParam": '{"why": "慢*查询~+/"}'}
    headers = signed_headers(
        "127.0.0.1:8080", "SendSms", "2017-05-25", encoded(params), ("ak", "sk"),
        datetime(2026, 11, 30, 0, 30, tzinfo=UTC), "nonce-1",
    )  # fmt: skip
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", "/", params
    request.headers = {name: value for name, value in headers.items() if name != "Authorization"}
    assert headers["x-acs-date"] == "2026-11-30T00:30:00Z"
    assert headers["Authorization"] == Utils.get_authorization(
        request, "ACS3-HMAC-SHA256", headers["x-acs-content-sha256"], "ak", "sk"
    )
