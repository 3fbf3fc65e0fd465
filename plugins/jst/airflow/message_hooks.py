"""Hooks of the robots, for DAGs that say something at once; what must be said exactly once goes into the outbox by
``SendMessageOperator``. Secrets stay in the connections; no log and no error shows one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.sdk import BaseHook

from jst.airflow.connections import connection
from jst.clock import SystemClock
from jst.errors import JstError
from jst.messages.channel_settings import dingtalk_settings, feishu_settings, sms_settings
from jst.messages.dingtalk import DingTalkRobot
from jst.messages.feishu import FeishuBot
from jst.messages.sms import SmsSender

_ONLY_BY_SENDING = "字段齐全。机器人本身只有发一条消息才能验证：见 docs/messages.md"


class DingTalkRobotHook(BaseHook):
    """Connection type ``dingtalk``: a custom robot of a group, with an app robot for pictures where it has one."""

    conn_name_attr = "dingtalk_conn_id"
    default_conn_name = "dingtalk_default"
    conn_type = "dingtalk"
    hook_name = "钉钉机器人 DingTalk"

    def __init__(self, dingtalk_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.dingtalk_conn_id = dingtalk_conn_id

    def get_conn(self) -> DingTalkRobot:
        """Return the robot. Raises Misconfigured naming a wrong field of the connection."""
        return DingTalkRobot(dingtalk_settings(connection(self.dingtalk_conn_id)), SystemClock())

    def send(self, body: dict[str, Any]) -> None:
        """Send a body as DingTalk describes it (``msgtype`` …) once. Raises one of ``jst.errors`` unless it was
        accepted; ``OutcomeUnknown``: it may have been."""
        self.get_conn().post(body)

    def send_markdown(self, title: str, text: str, mobiles: Sequence[str] = ()) -> None:
        """Send Markdown and call ``mobiles``: the numbers are added to the text, or no one is called."""
        called = "".join(f" @{mobile}" for mobile in mobiles)
        markdown = {"title": title, "text": f"{text}\n\n{called}".rstrip()}
        self.send({"msgtype": "markdown", "markdown": markdown, "at": {"atMobiles": list(mobiles)}})

    def test_connection(self) -> tuple[bool, str]:
        """Read the fields, and ask for the app robot's token where there is one; nothing is sent."""
        return _tried(lambda: self.get_conn().check_app_keys())


class FeishuBotHook(BaseHook):
    """Connection type ``feishu``: a custom bot of a group, with an app for pictures where it has one."""

    conn_name_attr = "feishu_conn_id"
    default_conn_name = "feishu_default"
    conn_type = "feishu"
    hook_name = "飞书机器人 Feishu"

    def __init__(self, feishu_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.feishu_conn_id = feishu_conn_id

    def get_conn(self) -> FeishuBot:
        """Return the bot. Raises Misconfigured naming a wrong field of the connection."""
        return FeishuBot(feishu_settings(connection(self.feishu_conn_id)), SystemClock())

    def send(self, body: dict[str, Any]) -> None:
        """Send a body as Feishu describes it (``msg_type`` …) once; it is signed here. Raises as the DingTalk hook."""
        self.get_conn().post(body)

    def send_card(self, card: dict[str, Any]) -> None:
        """Send a card of JSON 2.0."""
        self.send({"msg_type": "interactive", "card": card})

    def send_text(self, text: str) -> None:
        """Send a text."""
        self.send({"msg_type": "text", "content": {"text": text}})

    def test_connection(self) -> tuple[bool, str]:
        """Read the fields, and ask for the app's token where there is one; nothing is sent."""
        return _tried(lambda: self.get_conn().check_app_keys())


class SmsHook(BaseHook):
    """Connection type ``aliyun_sms``: Aliyun's short messages with one signature and template."""

    conn_name_attr = "sms_conn_id"
    default_conn_name = "sms_default"
    conn_type = "aliyun_sms"
    hook_name = "阿里云短信 Aliyun SMS"

    def __init__(self, sms_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.sms_conn_id = sms_conn_id

    def get_conn(self) -> SmsSender:
        """Return the sender. Raises Misconfigured naming a wrong field of the connection."""
        return SmsSender(sms_settings(connection(self.sms_conn_id)), SystemClock())

    def send(self, phones: Sequence[str], params: dict[str, str]) -> None:
        """Send the template with its variables once to all ``phones``. Raises as the DingTalk hook."""
        self.get_conn().post(phones, params)

    def test_connection(self) -> tuple[bool, str]:
        """Read the fields; nothing is sent, and nothing costs money."""
        return _tried(lambda: bool(self.get_conn()) and False)


def _tried(check: Callable[[], bool]) -> tuple[bool, str]:
    """``check``: whether more than the fields was proven."""
    try:
        proven = check()
    except JstError as error:
        return False, str(error)
    except Exception as error:  # its text may hold an address with a token
        return False, f"意外的错误 {type(error).__name__}"
    return True, f"应用的密钥有效，{_ONLY_BY_SENDING}" if proven else _ONLY_BY_SENDING
