"""What the codes of the ``gateway`` dialect order us to do."""

from __future__ import annotations

from dataclasses import replace

from jst.erp import signals
from jst.erp.signals import Signal
from jst.errors import Misconfigured

_EXPIRED = replace(signals.EXPIRED, dated=True)  # the token carries a time of ours
_TIMES = Signal(
    Misconfigured,
    "聚水潭不接受令牌里的时间",
    "本机时钟与聚水潭一致时，联系聚水潭确认令牌有效期的上限",
    dated=True,
)
_PAGE_SIZE = Signal(Misconfigured, "每页条数超过接口上限", "把模块文件里的 page_size 改到接口上限以内")

BY_CODE: dict[int, Signal] = {
    40101: signals.SECRET,
    40102: _EXPIRED,
    40103: _TIMES,
    40104: signals.APP,
    40301: signals.IP_REFUSED,
    40302: signals.SCOPE,
    40001: signals.PARAMETERS,
    40002: _PAGE_SIZE,
    40401: signals.PATH,
    42901: signals.QUOTA,
}


def signal_of(status: int, code: int, msg: str) -> Signal:
    """The status rules where it speaks of load or of a broken server, else the code, else the status."""
    signal = signals.by_status(status) or BY_CODE.get(code) or signals.without_code(status)
    return _EXPIRED if signal is signals.EXPIRED else signal
