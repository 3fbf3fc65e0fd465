"""What the codes of the ``gateway`` dialect mean for us."""

from __future__ import annotations

from dataclasses import replace

from jst.erp import error_signals
from jst.erp.error_signals import Signal
from jst.errors import Misconfigured

_EXPIRED = replace(error_signals.EXPIRED, dated=True)  # the token carries a time of ours
_TIMES = Signal(
    Misconfigured,
    "聚水潭不接受令牌里的时间",
    "本机时钟与聚水潭一致时，联系聚水潭确认令牌有效期的上限",
    dated=True,
)
_PAGE_SIZE = Signal(Misconfigured, "每页条数超过接口上限", "把模块文件里的 page_size 改到接口上限以内")

BY_CODE: dict[int, Signal] = {
    40101: error_signals.SECRET,
    40102: _EXPIRED,
    40103: _TIMES,
    40104: error_signals.APP,
    40301: error_signals.IP_REFUSED,
    40302: error_signals.SCOPE,
    40001: error_signals.PARAMETERS,
    40002: _PAGE_SIZE,
    40401: error_signals.PATH,
    42901: error_signals.QUOTA,
}


def signal_of(status: int, code: int, msg: str) -> Signal:
    """Return the signal of the status where it means load or a broken server, else of the code, else of
    the words and the status."""
    signal = error_signals.by_status(status) or BY_CODE.get(code) or error_signals.without_code(status, msg)
    return _EXPIRED if signal is error_signals.EXPIRED else signal
