"""What the stand-ins do wrong on demand. PUT /sandbox/messages/faults replaces the set:
{"dingtalk" | "feishu" | "sms": {"fault": name, "times": n (default: always), "seconds": s}}, {} clears it.

  drop_before, timeout_before   the line is cut, or nothing is answered for "seconds" (30): people see nothing
  drop_after, timeout_after     the same, but people have seen the message
  http_500_before, http_500     HTTP 500 without a body; people see nothing, or have seen it
  http_502_html                 HTTP 502, a proxy's page; people see nothing
  not_json                      HTTP 200, a proxy's page; people see nothing
  token, sign, timestamp, keyword, ip, too_fast, busy, bad_format   refused as the vendor refuses it
  no_balance, template          refused, short messages only
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.sandbox.messengers.room import VENDORS, Vendor

LINE = ("drop_before", "timeout_before", "drop_after", "timeout_after", "http_500_before", "http_500", "http_502_html",
        "not_json")  # fmt: skip
_FEISHU_SIGN = ("19021", "sign match fail or timestamp is not within one hour from current time")
REFUSALS: dict[Vendor, dict[str, tuple[str, str]]] = {
    "dingtalk": {
        "token": ("300005", "token is not exist"),
        "sign": ("310000", "sign not match"),
        "timestamp": ("310000", "invalid timestamp"),
        "keyword": ("310000", "keywords not in content"),
        "ip": ("310000", "ip 203.0.113.9 not in whitelist"),
        "too_fast": ("130101", "send too fast, exceed 20 times per minute"),
        "busy": ("-1", "系统繁忙"),
        "bad_format": ("40035", "缺少参数 json"),
        "too_large": ("460101", "message too long"),
    },
    "feishu": {
        "token": ("19001", "param invalid: incoming webhook access token invalid"),
        "sign": _FEISHU_SIGN,
        "timestamp": _FEISHU_SIGN,
        "keyword": ("19024", "Key Words Not Found"),
        "ip": ("19022", "Ip Not Allowed"),
        "too_fast": ("11232", "frequency limited psm[lark.oapi.app_platform_runtime]"),
        "busy": ("11232", "frequency limited psm[lark.oapi.app_platform_runtime]"),
        "bad_format": ("9499", "Bad Request"),
        "too_large": ("9499", "Bad Request"),
    },
    "sms": {
        "token": ("InvalidAccessKeyId.NotFound", "Specified access key is not found."),
        "sign": ("SignatureDoesNotMatch", "Specified signature is not matched with our calculation."),
        "timestamp": ("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
        "keyword": ("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控"),
        "ip": ("isv.DENY_IP_RANGE", "源IP地址所在的地区被禁用"),
        "too_fast": ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:50"),
        "busy": ("isp.SYSTEM_ERROR", "isp.SYSTEM_ERROR"),
        "bad_format": ("isv.TEMPLATE_PARAMS_ILLEGAL", "模板变量中存在非法内容"),
        "too_large": ("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制"),
        "no_balance": ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"),
        "template": ("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法"),
    },
}


class BadTrouble(ValueError):
    """The wanted set cannot be understood; the message says why, in Chinese."""


@dataclass(slots=True)
class _Trouble:
    name: str
    left: float
    seconds: float


class Troubles:
    """The troubles in force, one a vendor."""

    def __init__(self) -> None:
        self._active: dict[str, _Trouble] = {}

    def replace(self, wanted: dict[str, Any]) -> None:
        """Take a new set, all or nothing. Raises BadTrouble."""
        self._active = {vendor: _read(vendor, given) for vendor, given in wanted.items()}

    def hit(self, vendor: Vendor) -> tuple[str, float]:
        """Return the trouble that strikes now (which spends one of its times) and its seconds; ('', 0): none."""
        active = self._active.get(vendor)
        if active is None or active.left <= 0:
            return "", 0.0
        active.left -= 1
        return active.name, active.seconds


def _read(vendor: str, given: Any) -> _Trouble:
    if vendor not in VENDORS:
        raise BadTrouble(f"没有 {vendor}；可用：{'、'.join(VENDORS)}")
    name = given.get("fault") if isinstance(given, dict) else None
    known = [*LINE, *REFUSALS[vendor]]
    if name not in known:
        raise BadTrouble(f"{vendor} 没有名为 {name} 的故障；可用：{'、'.join(known)}")
    return _Trouble(str(name), float(given.get("times", "inf")), float(given.get("seconds", 30.0)))
