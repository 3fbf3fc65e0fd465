"""How a channel shows pictures: by an app of the company, by a public address, or not at all."""

from __future__ import annotations

from typing import Any, Literal

from jst.errors import Misconfigured
from jst.messages.channel_settings import dingtalk_settings, feishu_settings
from jst.messages.channels import Channel

Way = Literal["apart", "together", "none"]
"""apart: a message of its own, which has no words; together: with the words; none: the words and a link."""


def way_of(channel: Channel, conn: Any, *, public: bool) -> Way:
    """Return how a channel shows pictures. ``conn``: its connection, None: not there, and the page 消息 shows what
    would have been sent; ``public``: pictures have a public address."""
    if conn is None:
        return "together"
    try:
        if channel.type == "dingtalk":
            return "apart" if dingtalk_settings(conn).app else "together" if public else "none"
        return "together" if channel.type == "feishu" and feishu_settings(conn).app_id else "none"
    except Misconfigured:
        return "together"  # the sender says what is wrong with it, and sends when that is corrected
