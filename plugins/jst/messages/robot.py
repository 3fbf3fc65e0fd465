"""What every kind of robot has in common: whom to mention, and how a refusal is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from jst.erp.budget import Rate
from jst.errors import JstError, Misconfigured, Refused, Retry, Unaccepted
from jst.messages.message import Posted

Post = Callable[[], None]
"""The one request that says it. Returns when it was accepted. Raises Refused or Retry when it was not and may be later,
OutcomeUnknown when that is not known, Unaccepted when this message never will be, Misconfigured when none will be
before a person has changed something."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person to mention, as far as known. Held in memory for one request only."""

    name: str
    mobile: str = field(default="", repr=False)
    dingtalk_id: str = ""
    feishu_id: str = ""


class Robot(Protocol):
    """Speaks on one channel."""

    @property
    def rates(self) -> Sequence[Rate]:
        """Its limits, with room left."""

    def prepare(self, posted: Posted, picture: bytes | None, people: Sequence[Addressee]) -> Post:
        """Do what may be repeated without anyone noticing (tokens, uploads), and return the request."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a vendor's code means. ``order``: which error it is; ``after``: seconds until the next try makes sense."""

    order: type[JstError]
    what: str
    do: str
    after: float = 60.0

    def error(self, vendor: str, said: str) -> JstError:
        """Make the error; ``said``: the code and what the vendor wrote."""
        what = f"{vendor}拒绝了消息：{self.what}（{said}）"
        if issubclass(self.order, Retry):
            return self.order(what, do=self.do, after=self.after)
        return self.order(what, do=self.do)


CHECK_CLOCK = (
    "核对这台机器的时钟（与北京时间相差不能超过 1 小时），再核对连接 extra.secret 与机器人“加签”的密钥是否一致"
)
SLOWER = "这个机器人的消息稍后自动再发，不用处理；长期这样时减少告警，或再建一个机器人分开用"
UNKNOWN = Code(Unaccepted, "没有见过的错误码", "按错误码查厂商的文档；改好后点“再发一次”")


def too_fast(what: str, after: float) -> Code:
    """Make the meaning of a code that says: too fast."""
    return Code(Refused, what, SLOWER, after)


def wrong(what: str, do: str) -> Code:
    """Make the meaning of a code that a person has to mend the robot or the connection for."""
    return Code(Misconfigured, what, f"{do}；改好后 5 分钟内自动再发")
