"""What the codes of the ``openapi`` dialect mean for us.

The vendor has published two tables that give 140, 150 and 200 different meanings, and 100 is also what an endpoint says
of its own conditions: there the message decides.
"""

from __future__ import annotations

import re

from jst.erp import error_signals
from jst.erp.error_signals import CALM, LATER, Signal
from jst.errors import Misconfigured, Reauthorise, Refused, Retry, Unaccepted

_TIMES = Signal(
    Retry,
    "聚水潭不接受请求的时间戳",
    "系统会用新的时间戳再试；持续出现时核对本机与聚水潭的时钟（NTP）",
    dated=True,
)
_CONDITIONS = Signal(
    Unaccepted,
    "聚水潭说数据完整性校验失败",
    "多半是缺少查询条件，或店铺编号不存在：对照接口文档核对模块文件里的接口定义",
)
_SAVING = Signal(Misconfigured, "聚水潭说保存失败", "这里只查询、不写入：对照接口文档核对模块文件里的 path")
_RENEWAL = Signal(
    Reauthorise,
    "聚水潭不许续期这个应用的令牌",
    "自建应用会自动改领新令牌；第三方应用须由商家重新授权，再把新应用的凭据填进连接",
)
_INTERNAL = Signal(Retry, "聚水潭内部处理异常", LATER)
_SECOND = Signal(Refused, "聚水潭说每秒调用次数超限", CALM)
_MINUTE = Signal(Refused, "聚水潭说每分钟调用次数超限", CALM, after=60.0)

_OWN_CONDITIONS = re.compile("^(?!.*(token|令牌|授权)).*(不能为空|必填|参数|条件|格式|查询)", re.IGNORECASE | re.DOTALL)

BY_CODE: dict[int, Signal] = {
    10: error_signals.SECRET,
    100: error_signals.EXPIRED,
    110: error_signals.IP_REFUSED,
    120: error_signals.SECRET,
    130: error_signals.PARAMETERS,
    140: error_signals.PARAMETERS,
    150: _INTERNAL,
    160: _SAVING,
    170: _CONDITIONS,
    180: _TIMES,
    190: error_signals.SCOPE,
    199: _SECOND,
    200: _MINUTE,
    10004: error_signals.QUOTA,
    10015: error_signals.PARAMETERS,
    -4: error_signals.PARAMETERS,
}
BY_MESSAGE: dict[int, tuple[tuple[re.Pattern[str], Signal], ...]] = {
    100: ((_OWN_CONDITIONS, error_signals.PARAMETERS),),
    140: (
        (re.compile("access_?token", re.IGNORECASE), error_signals.EXPIRED),
        (re.compile("timestamp|时间", re.IGNORECASE), _TIMES),
        (re.compile("app_?key", re.IGNORECASE), error_signals.APP),
    ),
    150: ((re.compile("token|刷新|续期|授权", re.IGNORECASE), _RENEWAL),),
    200: ((re.compile("参数"), error_signals.PARAMETERS),),
}
"""The first that matches replaces the code's own signal."""


def signal_of(status: int, code: int, msg: str) -> Signal:
    """Return the signal of the status where it means load or a broken server, else of the code and its message, else of
    the words and the status.

    ``msg``: the source's words as they came."""
    by_message = (signal for pattern, signal in BY_MESSAGE.get(code, ()) if pattern.search(msg))
    return (
        error_signals.by_status(status)
        or next(by_message, None)
        or BY_CODE.get(code)
        or error_signals.without_code(status, msg)
    )
