"""Short messages by Aliyun: one approved template, whose variables are short and carry no link."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import uuid4

from jst.clock import SHANGHAI, Clock
from jst.erp.budget import Rate
from jst.errors import Misconfigured, Retry, Unaccepted
from jst.messages.aliyun_signature import encoded, signed_headers
from jst.messages.channel_settings import SmsSettings
from jst.messages.message import Posted
from jst.messages.robot import UNKNOWN, Addressee, Code, Post, too_fast, wrong
from jst.messages.web_post import Reply, WebPost

VARIABLE_CHARACTERS = 35
_MARKS = re.compile(r"!?\[([^]]*)\]\([^)]*\)|https?://\S+|[*_`#>|]")
_KEY = wrong("AccessKey 不对或没有权限", "核对连接的 login 与 password，并在 RAM 里授予 dysms:SendSms")
_TEMPLATE = wrong(
    "签名或模板不可用", "照短信控制台里已审核通过的签名与模板填写连接的 extra.sign_name、extra.template_code"
)
_CODES: dict[str, Code] = {
    "isv.BUSINESS_LIMIT_CONTROL": too_fast("一个号码收得太多（每分钟 1 条、每小时 5 条、每天有上限）", 60.0),
    "Throttling": too_fast("接口调用太快", 30.0),
    "isv.SMS_SIGNATURE_ILLEGAL": _TEMPLATE,
    "isv.SMS_SIGN_ILLEGAL": _TEMPLATE,
    "isv.SMS_TEMPLATE_ILLEGAL": _TEMPLATE,
    "isv.TEMPLATE_MISSING_PARAMETERS": wrong("模板要的变量我们不给", "模板只用变量 ${title}、${why}、${since}"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": Code(Unaccepted, "变量里有不被允许的内容", "改掉内容后再发"),
    "isv.PARAM_LENGTH_LIMIT": Code(Unaccepted, "变量超过长度", "缩短标题与第一行"),
    "isv.BLACK_KEY_CONTROL_LIMIT": Code(Unaccepted, "变量里有被禁的词", "改掉内容后再发"),
    "isv.MOBILE_NUMBER_ILLEGAL": wrong("手机号不对", "核对连接的 extra.phones 与工作表“人员”里的手机"),
    "isv.AMOUNT_NOT_ENOUGH": wrong("短信账户余额不足", "充值"),
    "isv.OUT_OF_SERVICE": wrong("短信服务停用", "充值或在控制台恢复服务"),
    "isv.DENY_IP_RANGE": wrong("这台机器的出口 IP 被拒绝", "在短信控制台里核对 IP 白名单"),
    "isp.RAM_PERMISSION_DENY": _KEY,
    "InvalidAccessKeyId": _KEY,
    "SignatureDoesNotMatch": _KEY,
    "Forbidden": _KEY,
    "InvalidTimeStamp": wrong("时间戳无效", "核对这台机器的时钟"),
    "isp.SYSTEM_ERROR": Code(Retry, "系统错误", "稍后自动再发", 30.0),
}


class SmsSender:
    """One signature and template; not for several threads at once."""

    rates = (Rate(60, 60),)

    def __init__(self, settings: SmsSettings, clock: Clock, web: WebPost | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._web = web or WebPost("短信")

    def prepare(self, posted: Posted, picture: bytes | None, people: Sequence[Addressee]) -> Post:
        """Find the numbers: of the people who are mentioned, else those of the connection. Raises Unaccepted when there
        are none."""
        phones = [person.mobile for person in people if person.mobile] or list(self._settings.phones)
        if not phones:
            raise Unaccepted(
                "没有人的手机号可以发", do="在连接的 extra.phones 或工作表“人员”里填上手机号，再点“再发一次”"
            )
        params = variables(posted)
        return lambda: self.post(phones, params, f"jst-{posted.message_id}")

    def post(self, phones: Sequence[str], params: dict[str, str], out_id: str = "") -> None:
        """Send the template once to all ``phones``; ``out_id``: what Aliyun's receipts name it."""
        settings = self._settings
        query = encoded(
            {
                "PhoneNumbers": ",".join(phones),
                "SignName": settings.sign_name,
                "TemplateCode": settings.template_code,
                "TemplateParam": json.dumps(params, ensure_ascii=False),
                **({"OutId": out_id} if out_id else {}),
            }
        )
        headers = signed_headers(
            urlsplit(settings.host).netloc, "SendSms", "2017-05-25", query,
            (settings.key_id, settings.key_secret), self._clock.now(), uuid4().hex,
        )  # fmt: skip
        check(self._web.post(f"{settings.host}/?{query}", headers=headers))


def variables(posted: Posted) -> dict[str, str]:
    """Make the template's variables title, why and since."""
    message = posted.message
    why = next((plain for line in message.lines if (plain := _plain(line))), message.title)
    since = posted.put_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    return {"title": _short(_plain(message.title)), "why": _short(why), "since": since}


def check(reply: Reply) -> None:
    """Raise what the answer orders; ``Code`` decides, whatever HTTP says."""
    code, said = str(reply.body.get("Code", "")), str(reply.body.get("Message", ""))[:200]
    if code == "OK":
        return
    meaning = _CODES.get(code) or next((_CODES[known] for known in _CODES if code.startswith(f"{known}.")), UNKNOWN)
    if not code:
        raise Misconfigured("短信接口的答复里没有 Code", do="检查连接的 host：这个地址后面不是短信服务")
    raise meaning.error("短信", f"{code} {said}".strip())


def _plain(text: str) -> str:
    return _MARKS.sub(r"\1", text).strip()


def _short(text: str) -> str:
    return text if len(text) <= VARIABLE_CHARACTERS else text[: VARIABLE_CHARACTERS - 1] + "…"
