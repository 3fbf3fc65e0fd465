"""What the ``gateway`` dialect's errors order us to do: one table by the source's code, one by HTTP status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from jst.clock import SHANGHAI
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry, Where
from jst.ods.scrub import mask_phones

CLOCK_TOLERANCE = 60
"""Seconds our clock may be off before it is named as the cause."""

_LATER = "系统会自动再试；持续 10 分钟以上时联系聚水潭并给出 request_id 或时刻"
_CALM = "系统会自动降速并稍后再试，不必人工处理；长时间如此时核对合同中的调用额度"
_LONGEST_RETRY_AFTER = 3600.0
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w:])")
_TOKEN = re.compile(r"eyJ[\w.+/=-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """The error a code stands for, what it means and what to do about it."""

    error: type[JstError]
    what: str
    do: str


_SECRET = Signal(
    Misconfigured, "聚水潭不认我们的签名", "核对连接的 password（app_secret）与 app_key 是否一对，改正后清除失败的任务"
)
_EXPIRED = Signal(
    Reauthorise, "聚水潭说令牌已过期或无效", "核对连接的 login 与 password；若都对，联系聚水潭并给出 request_id"
)
_TIMES = Signal(Misconfigured, "聚水潭不接受令牌里的时间", "本机时钟与聚水潭一致时，联系聚水潭确认令牌有效期的上限")
_APP = Signal(Misconfigured, "聚水潭没有这个 app_key", "核对连接的 login（app_key）和 host（正式环境或测试环境）")
_IP_REFUSED = Signal(
    Misconfigured,
    "本机出口 IP 不在聚水潭的白名单中",
    "在聚水潭开放平台控制台把这个 IP 加入白名单，或改从固定出口 IP 调用",
)
_SCOPE = Signal(Misconfigured, "app_key 没有这个接口的权限", "在聚水潭开放平台为应用申请该接口的权限（scope）")
_PARAMETERS = Signal(
    Misconfigured, "聚水潭不接受请求参数", "对照接口文档核对模块文件 include/config/modules 里的接口定义"
)
_PAGE_SIZE = Signal(Misconfigured, "每页条数超过接口上限", "把模块文件里的 page_size 改到接口上限以内")
_PATH = Signal(Misconfigured, "聚水潭没有这个接口地址", "核对连接的 host 和模块文件里的 path")
_QUOTA = Signal(Refused, "聚水潭说调用太频繁", _CALM)
_DENIED = Signal(Misconfigured, "聚水潭拒绝访问", "核对 IP 白名单、接口权限，以及出口是否被防火墙拦下")
_DOWN = Signal(Retry, "聚水潭暂时不能服务", _LATER)
_REDIRECT = Signal(Misconfigured, "地址被重定向到别处", "把连接的 host 改为网关自己的地址（注意 https）")
_UNKNOWN = Signal(
    Retry, "聚水潭返回未知错误码", "系统会自动再试；若一直如此，按错误码查接口文档，并把它补进 signals.py 的表"
)

BY_CODE: dict[int, Signal] = {
    40101: _SECRET,
    40102: _EXPIRED,
    40103: _TIMES,
    40104: _APP,
    40301: _IP_REFUSED,
    40302: _SCOPE,
    40001: _PARAMETERS,
    40002: _PAGE_SIZE,
    40401: _PATH,
    42901: _QUOTA,
}
BY_STATUS: dict[int, Signal] = {
    400: _PARAMETERS,
    401: _EXPIRED,
    403: _DENIED,
    404: _PATH,
    405: _PATH,
    408: _DOWN,
    413: _PARAMETERS,
    415: _PARAMETERS,
    422: _PARAMETERS,
    425: _DOWN,
    429: _QUOTA,
}


def signal_of(status: int, code: int) -> Signal:
    """The status rules where it speaks of load or of a broken server, else the code, else the status."""
    if status == 429 or status >= 500:
        return _QUOTA if status == 429 else _DOWN
    if code in BY_CODE:
        return BY_CODE[code]
    return BY_STATUS.get(status) or (_REDIRECT if 300 <= status < 400 else _UNKNOWN)


def refusal(status: int, code: int, msg: str, headers: httpx.Headers, received: datetime, where: Where) -> JstError:
    """The error for an answer that is none. ``code`` 0 means that the body named none; ``msg`` must be harmless."""
    signal = signal_of(status, code)
    skew = clock_skew(headers, received)
    if signal in (_EXPIRED, _TIMES) and abs(skew) > CLOCK_TOLERANCE:
        return _clock_is_off(skew, where)
    named = f"HTTP {status}" + (f"，code {code}" if code else "") + (f"：{msg}" if msg else "")
    what = f"{signal.what}（{named}）"
    if issubclass(signal.error, Retry):
        return signal.error(what, do=signal.do, where=where, after=retry_after(headers, received))
    return signal.error(what, do=signal.do, where=where)


def _clock_is_off(skew: float, where: Where) -> Misconfigured:
    return Misconfigured(
        f"本机时钟比聚水潭{'快' if skew > 0 else '慢'} {abs(skew):.0f} 秒，令牌因此不被接受",
        do="在运行 Airflow 的机器上校准时钟（NTP），然后清除失败的任务",
        where=where,
    )


def clock_skew(headers: httpx.Headers, received: datetime) -> float:
    """Seconds our clock is ahead of the source's; 0 when it does not tell its time."""
    theirs = server_time(headers)
    return (received - theirs).total_seconds() if theirs else 0.0


def server_time(headers: httpx.Headers) -> datetime | None:
    return _http_date(headers.get("date", ""))


def retry_after(headers: httpx.Headers, received: datetime) -> float:
    """Seconds to wait, at least 1: Retry-After as seconds or as a date, at most an hour."""
    text = headers.get("retry-after", "").strip()
    until = _http_date(text)
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        seconds = float(text)
    elif until is not None:
        seconds = (until - (server_time(headers) or received)).total_seconds()
    else:
        seconds = 1.0
    return min(max(seconds, 1.0), _LONGEST_RETRY_AFTER)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(SHANGHAI) if moment.tzinfo else None


def harmless(text: str, secret: str, *, most: int = 80) -> str:
    """Foreign text for a message: without our secret, tokens, phone numbers and control characters; IPs stay."""
    text = _TOKEN.sub("［令牌］", text.replace(secret, "［密钥］") if secret else text)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    addresses = [*_IP.findall(text), ""]  # an address with dots would be taken for a phone number
    return "".join(mask_phones(piece) + address for piece, address in zip(_IP.split(text), addresses, strict=True))[
        :most
    ]
