"""From a channel and its Airflow connection to the robot that speaks there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jst.clock import Clock
from jst.messages.channel_settings import dingtalk_settings, feishu_settings, sms_settings
from jst.messages.channels import Channel, ChannelType
from jst.messages.dingtalk import DingTalkRobot
from jst.messages.feishu import FeishuBot
from jst.messages.robot import Robot
from jst.messages.sms import SmsSender

_KINDS: dict[ChannelType, tuple[Callable[[Any], Any], Callable[[Any, Clock], Robot]]] = {
    "dingtalk": (dingtalk_settings, DingTalkRobot),
    "feishu": (feishu_settings, FeishuBot),
    "sms": (sms_settings, SmsSender),
}
Connection = Callable[[str], Any]
"""Looks an Airflow connection up; None where there is none of this id."""


class ChannelRobot:
    """The robot of one channel, kept as long as its connection stays as it is: it keeps tokens."""

    def __init__(self, channel: Channel, connection: Connection, clock: Clock) -> None:
        self._channel, self._connection, self._clock = channel, connection, clock
        self._settings: Any = None
        self._robot: Robot | None = None

    def get(self) -> Robot | None:
        """Return the robot, None where there is no connection. Raises Misconfigured naming a wrong field of it."""
        conn = self._connection(self._channel.connection)
        if conn is None:
            return None
        read, build = _KINDS[self._channel.type]
        settings = read(conn)
        if self._robot is None or settings != self._settings:
            self._settings, self._robot = settings, build(settings, self._clock)
        return self._robot
