"""The secrets of the stand-ins' robots, made of the sandbox's own: the local stack's connections hold the same."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

PHONES = ["13800000001"]
"""Of nobody: where the sandbox's short messages go that mention no person."""


@dataclass(frozen=True)
class Keys:
    """Made of the sandbox's app_secret."""

    base: str

    def of(self, what: str) -> str:
        """Return the secret called ``what``."""
        return hmac.digest(self.base.encode(), f"messengers {what}".encode(), "sha256").hex()[:32]

    def dingtalk(self) -> dict[str, str]:
        """Return access_token, secret and the app robot's four fields."""
        return {
            "access_token": self.of("dingtalk token"),
            "secret": f"SEC{self.of('dingtalk secret')}",
            "app_key": "sandbox_ding_app",
            "app_secret": self.of("dingtalk app"),
            "robot_code": "sandbox_robot",
            "open_conversation_id": "cidSANDBOX",
        }

    def feishu(self) -> dict[str, str]:
        """Return hook id, secret, app_id and app_secret."""
        return {
            "hook_id": self.of("feishu hook"),
            "secret": self.of("feishu secret"),
            "app_id": "cli_sandbox",
            "app_secret": self.of("feishu app"),
        }

    def sms(self) -> dict[str, str]:
        """Return AccessKey, signature and template."""
        return {
            "key_id": "LTAIsandbox",
            "key_secret": self.of("sms key"),
            "sign_name": "沙箱签名",
            "template_code": "SMS_100000001",
        }

    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """Return Airflow's connections to the stand-ins, which answer at ``url``, by id."""
        dingtalk, feishu, sms = self.dingtalk(), self.feishu(), self.sms()
        return {
            "dingtalk_default": {
                "conn_type": "dingtalk",
                "host": url,
                "password": dingtalk.pop("access_token"),
                "extra": {**dingtalk, "api_host": url},
            },
            "feishu_default": {
                "conn_type": "feishu",
                "host": url,
                "password": feishu.pop("hook_id"),
                "extra": feishu,
            },
            "sms_default": {
                "conn_type": "aliyun_sms",
                "host": url,
                "login": sms.pop("key_id"),
                "password": sms.pop("key_secret"),
                "extra": {**sms, "phones": PHONES},
            },
        }
