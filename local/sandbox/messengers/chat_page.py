"""The page that shows what people would have seen in their groups and on their phones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from local.sandbox.messengers.room import Seen, Vendor

_TITLES: dict[Vendor, str] = {"dingtalk": "钉钉群", "feishu": "飞书群", "sms": "短信"}
_STYLE = """body{margin:0;background:#eef0f3;font:14px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;color:#1f2329}
h1{font-size:18px;margin:16px}main{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px;padding:0 16px}
h2{font-size:15px}article{background:#fff;border-radius:8px;padding:10px 14px;margin:0 0 12px;overflow-wrap:anywhere}
time{color:#8f959e;font-size:12px}img{max-width:100%;border-radius:4px}b.at{color:#1456f0;font-weight:500}
strong{font-weight:600}pre{white-space:pre-wrap;font:inherit;margin:4px 0}
@media(max-width:900px){main{grid-template-columns:1fr}}"""
_MOBILE = re.compile(r"\b(1[3-9]\d)\d{4}(\d{4})\b")
_MOST = 100


def chat_page(seen: Sequence[Seen]) -> str:
    """Return the page's HTML, the newest first."""
    columns = ""
    for vendor, title in _TITLES.items():
        shown = [_article(each) for each in seen if each.vendor == vendor][-_MOST:]
        columns += f"<section><h2>{title}</h2>{''.join(reversed(shown))}</section>"
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        f"<title>沙箱：群与手机</title><style>{_STYLE}</style><h1>沙箱：人们会看到的消息</h1><main>{columns}</main></html>"
    )


def _article(each: Seen) -> str:
    at = datetime.fromtimestamp(each.at, ZoneInfo("Asia/Shanghai"))
    picture = f'<img src="picture/{each.picture}" alt="">' if each.picture else ""
    link = f'<p><a href="{escape(each.link)}">打开链接</a></p>' if each.link else ""
    called = f"<p>@ {escape('、'.join(_masked(who) for who in each.called))}</p>" if each.called else ""
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(_masked(each.text)))
    text = re.sub(r"\[([^]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2">\1</a>', text)
    return (
        f"<article><time>{at:%m-%d %H:%M:%S}</time><br><strong>{escape(each.title)}</strong>"
        f"{picture}<pre>{text}</pre>{called}{link}</article>"
    )


def _masked(text: str) -> str:
    """Hide the middle of mobile numbers: the page is for everybody at this machine."""
    return _MOBILE.sub(r"\1****\2", text)
