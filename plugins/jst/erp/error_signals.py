"""What the source's errors mean for us: the signals, which of them an HTTP status is, and the sentences.

Each dialect has its own table of codes: ``gateway_codes`` and ``openapi_codes``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from jst.clock import SHANGHAI
from jst.erp.call_outcome import named
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry, Unaccepted, Where
from jst.model.scrub import mask_phones

CLOCK_TOLERANCE_SECONDS = 60
"""How far our clock may be off before it is named as the cause."""

LATER = "系统会自动再试；持续 10 分钟以上时联系聚水潭并给出 request_id 或时刻"
CALM = "系统会自动降速并稍后再试；长时间如此时核对合同中的调用额度"
_LONGEST_RETRY_AFTER_SECONDS = 3600.0
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w:])")
_TOKEN = re.compile(r"eyJ[\w.+/=-]{8,}|(?<=Bearer )\S+|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """The error a code stands for, what it means and what to do about it. ``dated``: a clock that is off would cause
    it; ``after``: seconds to wait at least."""

    error: type[JstError]
    what: str
    do: str
    dated: bool = False
    after: float = 1.0


SECRET = Signal(
    Misconfigured, "聚水潭不认我们的签名", "核对连接的 password（app_secret）与 app_key 是否一对，改正后清除失败的任务"
)
EXPIRED = Signal(
    Reauthorise, "聚水潭说令牌已过期或无效", "核对连接的 login 与 password；若都对，联系聚水潭并给出 request_id"
)
APP = Signal(Misconfigured, "聚水潭没有这个 app_key", "核对连接的 login（app_key）和 host（正式环境或测试环境）")
IP_REFUSED = Signal(
    Misconfigured,
    "本机出口 IP 不在聚水潭的白名单中",
    "在聚水潭开放平台控制台把这个 IP 加入白名单，或改从固定出口 IP 调用",
)
SCOPE = Signal(Misconfigured, "app_key 没有这个接口的权限", "在聚水潭开放平台为应用申请该接口的权限（scope）")
PARAMETERS = Signal(Unaccepted, "聚水潭不接受请求参数", "对照接口文档核对模块文件 include/config/modules 里的接口定义")
PATH = Signal(Misconfigured, "聚水潭没有这个接口地址", "核对连接的 host 和模块文件里的 path")
QUOTA = Signal(Refused, "聚水潭说调用太频繁", CALM)
DENIED = Signal(Misconfigured, "聚水潭拒绝访问", "核对 IP 白名单、接口权限，以及出口是否被防火墙拦下")
DOWN = Signal(Retry, "聚水潭暂时不能服务", LATER)
REDIRECT = Signal(Misconfigured, "地址被重定向到别处", "把连接的 host 改为网关自己的地址（注意 https）")
UNKNOWN = Signal(
    Retry,
    "聚水潭返回未知错误码",
    "系统会自动再试；若一直如此，按错误码查接口文档，并把它补进 plugins/jst/erp 里该方言的错误码表",
)

HTTPS_PORT = Signal(Misconfigured, "聚水潭的这个端口只接受 HTTPS", "把连接的 host 改为 https://…")
BY_WORDS: tuple[tuple[re.Pattern[str], Signal], ...] = (
    (re.compile("频率|频次|频繁|限流|too many requests", re.IGNORECASE), QUOTA),
    (re.compile("plain http request was sent to https port", re.IGNORECASE), HTTPS_PORT),
    (re.compile("安全威胁|访问被(阻断|拦截|拒绝)|web application firewall", re.IGNORECASE), DENIED),
)
"""What an answer whose code is in no table says of itself: of the source, or of a balancer or firewall before it."""
BY_STATUS: dict[int, Signal] = {
    400: PARAMETERS,
    401: EXPIRED,
    403: DENIED,
    404: PATH,
    405: PATH,
    408: DOWN,
    413: PARAMETERS,
    415: PARAMETERS,
    422: PARAMETERS,
    425: DOWN,
    429: QUOTA,
}


def by_status(status: int) -> Signal | None:
    """Return the signal of a status that is clear whatever the body says (load, a broken server), else None."""
    if status == 429 or status >= 500:
        return QUOTA if status == 429 else DOWN
    return None


def without_code(status: int, words: str) -> Signal:
    """Return the signal of an answer whose code is in no table, or that has none: of its words, else of its status."""
    by_words = (signal for pattern, signal in BY_WORDS if pattern.search(words))
    return next(by_words, None) or BY_STATUS.get(status) or (REDIRECT if 300 <= status < 400 else UNKNOWN)


def refusal(
    signal: Signal, status: int, code: int, msg: str, headers: httpx.Headers, received: datetime, where: Where
) -> JstError:
    """Return the error for an answer that is none. ``code`` 0 means that the body named none; ``msg`` must be
    harmless."""
    skew = clock_skew(headers, received)
    said = f"HTTP {status}" + (f"，code {code}" if code else "") + (f"：{msg}" if msg else "")
    what = f"{signal.what}（{said}）"
    if signal.dated and abs(skew) > CLOCK_TOLERANCE_SECONDS:
        error: JstError = _clock_is_off(skew, where)
    elif issubclass(signal.error, Retry):
        after = max(signal.after, retry_after(headers, received))
        error = signal.error(what, do=signal.do, where=where, after=after)
    else:
        error = signal.error(what, do=signal.do, where=where)
    error.outcome = named(status, code)
    return error


def _clock_is_off(skew: float, where: Where) -> Misconfigured:
    return Misconfigured(
        f"本机时钟比聚水潭{'快' if skew > 0 else '慢'} {abs(skew):.0f} 秒，请求因此不被接受",
        do="在运行 Airflow 的机器上校准时钟（NTP），然后清除失败的任务",
        where=where,
    )


def clock_skew(headers: httpx.Headers, received: datetime) -> float:
    """Return the seconds our clock is ahead of the source's; 0 when it does not state its time."""
    theirs = server_time(headers)
    return (received - theirs).total_seconds() if theirs else 0.0


def server_time(headers: httpx.Headers) -> datetime | None:
    """Return the time of the Date header, aware; None without a readable one."""
    return _http_date(headers.get("date", ""))


def retry_after(headers: httpx.Headers, received: datetime) -> float:
    """Return the seconds to wait, at least 1: Retry-After as seconds or as a date, at most an hour."""
    text = headers.get("retry-after", "").strip()
    until = _http_date(text)
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        seconds = float(text)
    elif until is not None:
        seconds = (until - (server_time(headers) or received)).total_seconds()
    else:
        seconds = 1.0
    return min(max(seconds, 1.0), _LONGEST_RETRY_AFTER_SECONDS)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(SHANGHAI) if moment.tzinfo else None


def harmless(text: str, *secrets: str, most: int = 80) -> str:
    """Return foreign text for a message: without our secrets, tokens, phone numbers and control characters; IPs
    stay."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "［密钥］")
    text = _TOKEN.sub("［令牌］", text)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    addresses = [*_IP.findall(text), ""]  # an address with dots would be taken for a phone number
    return "".join(mask_phones(piece) + address for piece, address in zip(_IP.split(text), addresses, strict=True))[
        :most
    ]
