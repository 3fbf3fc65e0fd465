"""The channels of ``include/config/messages.yaml``: by which robot and which connection a message leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, read_facts

FOLDER = INCLUDE / "config"
UNOWNED = "未归属"
"""Whose is what concerns no account."""
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
    return {name: Channel(name, **given) for name, given in _facts()["channels"].items()}


def caretaker() -> str:
    """Return the account that gets what is 未归属."""
    return str(_facts()["unowned"])


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = read_facts(FOLDER / "messages.yaml", FOLDER / "messages.schema.json", "消息配置")
    return {"unowned": "oncall", **facts}


def channel(name: str) -> Channel:
    """Return one channel. Raises Misconfigured when there is none of this name."""
    found = channels().get(name)
    if found is None:
        raise Misconfigured(
            f"没有消息通道 {name}",
            do=f"改用 {'、'.join(channels())}，或写进 include/config/messages.yaml",
        )
    return found
