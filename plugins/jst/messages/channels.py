"""The channels of ``include/config/messages.yaml``: by which robot and which connection a message leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, read_facts

FOLDER = INCLUDE / "config"
ChannelType = Literal["dingtalk", "feishu", "sms"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A robot. ``connection``: its id in Airflow; ``title``: by language, zh and en."""

    name: str
    type: ChannelType
    connection: str
    title: dict[str, str]


@cache
def channels() -> dict[str, Channel]:
    """Return the channels by name. Raises Misconfigured naming the key that is wrong."""
    path = FOLDER / "messages.yaml"
    facts: dict[str, Any] = read_facts(path, FOLDER / "messages.schema.json", "消息配置")
    return {name: Channel(name, **given) for name, given in facts["channels"].items()}


def channel(name: str) -> Channel:
    """Return one channel. Raises Misconfigured when there is none of this name."""
    found = channels().get(name)
    if found is None:
        raise Misconfigured(
            f"没有消息通道 {name}",
            do=f"改用 {'、'.join(channels())}，或写进 include/config/messages.yaml",
        )
    return found
