"""The fields of the connections by which messages leave; secrets are in no text that is shown or logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from jst.errors import Misconfigured
from jst.model.connection_extra import meaning_of

DINGTALK_HOST, DINGTALK_API_HOST = "https://oapi.dingtalk.com", "https://api.dingtalk.com"
FEISHU_HOST = "https://open.feishu.cn"
SMS_HOST = "https://dysmsapi.aliyuncs.com"


@dataclass(frozen=True, slots=True)
class DingTalkApp:
    """An app robot of a company, which can send pictures to one group."""

    app_key: str
    app_secret: str = field(repr=False)
    robot_code: str
    open_conversation_id: str
    api_host: str = DINGTALK_API_HOST


@dataclass(frozen=True, slots=True)
class DingTalkSettings:
    """A custom robot of a DingTalk group. ``secret``: '' where the robot is guarded by keyword or IP instead."""

    host: str
    access_token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    app: DingTalkApp | None = None


@dataclass(frozen=True, slots=True)
class FeishuSettings:
    """A custom bot of a Feishu group; with ``app_id`` an app bot uploads its pictures."""

    host: str
    hook_id: str = field(repr=False)
    secret: str = field(default="", repr=False)
    app_id: str = ""
    app_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """Aliyun's short messages. ``phones``: who gets what mentions no person."""

    host: str
    key_id: str
    key_secret: str = field(repr=False)
    sign_name: str
    template_code: str
    phones: tuple[str, ...] = field(default=(), repr=False)


def dingtalk_settings(conn: Any) -> DingTalkSettings:
    """Read a connection of type dingtalk. Raises Misconfigured naming the field."""
    extra = _extra(conn, "secret", "app_key", "app_secret", "robot_code", "open_conversation_id", "api_host")
    host = _host(conn, DINGTALK_HOST)
    needed = {name: extra.get(name, "") for name in ("app_key", "app_secret", "robot_code", "open_conversation_id")}
    app = None
    if any(needed.values()):
        if missing := [name for name, value in needed.items() if not value]:
            raise _wrong(conn, f"缺少 extra.{'、extra.'.join(missing)}", "应用机器人的四项要么都填，要么都不填")
        app = DingTalkApp(**needed, api_host=_address(conn, extra.get("api_host", "")) or DINGTALK_API_HOST)
    return DingTalkSettings(host, _secret(conn, "access_token"), extra.get("secret", ""), app)


def feishu_settings(conn: Any) -> FeishuSettings:
    """Read a connection of type feishu. Raises Misconfigured naming the field."""
    extra = _extra(conn, "secret", "app_id", "app_secret")
    if bool(extra.get("app_id")) != bool(extra.get("app_secret")):
        raise _wrong(conn, "extra.app_id 与 extra.app_secret 只填了一项", "两项都填（发图片用），或都不填")
    return FeishuSettings(host=_host(conn, FEISHU_HOST), hook_id=_secret(conn, "hook id"), **extra)


def sms_settings(conn: Any) -> SmsSettings:
    """Read a connection of type aliyun_sms. Raises Misconfigured naming the field."""
    extra = _extra(conn, "sign_name", "template_code", "phones")
    if not conn.login:
        raise _wrong(conn, "没有填 AccessKey ID", "login 写 AccessKey ID，password 写 AccessKey Secret")
    if missing := [name for name in ("sign_name", "template_code") if not extra.get(name)]:
        raise _wrong(conn, f"缺少 extra.{'、extra.'.join(missing)}", "照短信控制台里已审核通过的签名与模板填写")
    given = meaning_of(extra.get("phones", ""))
    listed = given if isinstance(given, list) else str(given).replace("，", ",").split(",")
    phones = tuple(filter(None, (str(phone).strip() for phone in listed)))
    secret = _secret(conn, "AccessKey Secret")
    return SmsSettings(_host(conn, SMS_HOST), conn.login, secret, extra["sign_name"], extra["template_code"], phones)


def _extra(conn: Any, *known: str) -> dict[str, Any]:
    extra: Mapping[str, Any] = conn.extra_dejson or {}
    if unknown := sorted(set(extra) - set(known)):
        raise _wrong(conn, f"的 extra 里有不认识的字段 {'、'.join(unknown)}", f"只认识 {'、'.join(known)}")
    return {name: value if isinstance(value, list) else str(value).strip() for name, value in extra.items() if value}


def _secret(conn: Any, what: str) -> str:
    text = (conn.password or "").strip()
    if not text:
        raise _wrong(conn, f"没有填 password（{what}）", "从机器人的设置页复制过来")
    if "://" in text:
        raise _wrong(conn, f"的 password 不是 {what}", f"只填 webhook 地址里的 {what}，不是整个地址")
    return text


def _host(conn: Any, default: str) -> str:
    address = _address(conn, conn.host or "") or default
    return f"{address}:{conn.port}" if conn.port and urlsplit(address).port is None else address


def _address(conn: Any, text: str) -> str:
    text = text.strip().rstrip("/")
    address = text if not text or "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise _wrong(conn, "的 host 不是一个地址", "写成 https://域名，端口另填") from None
    if address and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.username):
        raise _wrong(conn, "的 host 不是一个地址", "写成 https://域名，密钥另填在 password 与 extra")
    return address


def _wrong(conn: Any, what: str, do: str) -> Misconfigured:
    return Misconfigured(f"连接 {conn.conn_id} {what}", do=f"{do}（字段见 docs/messages.md）")
