"""Aliyun's stand-in for short messages: it verifies ACS3-HMAC-SHA256 over whatever headers a client signed."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from local.sandbox.messengers.keys import Keys
from local.sandbox.messengers.room import Room
from local.sandbox.messengers.troubles import Troubles
from local.sandbox.messengers.vendor import Limit, No, Sleep, StandIn

SKEW_SECONDS, VARIABLE_CHARACTERS, MOST_A_DAY = 900, 35, 50
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
_PHONE = re.compile(r"1[3-9]\d{9}")


class SmsRoom(StandIn):
    """All phones."""

    vendor = "sms"

    def __init__(self, room: Room, troubles: Troubles, sleep: Sleep, keys: Keys) -> None:
        super().__init__(room, troubles, sleep)
        self._keys = keys.sms()
        self.forget()

    def forget(self) -> None:
        self._limits: dict[str, Limit] = {}

    def routes(self) -> list[Route]:
        return [Route("/", self.saying(self._send), methods=["POST"])]

    def body(self, code: str, said: str) -> dict[str, Any]:
        return {"Code": code, "Message": "OK" if code == "OK" else said, "RequestId": "SANDBOX", "BizId": "1^0"}

    def status(self, code: str) -> int:
        """Errors of the signature come with HTTP 4xx, those of the service with 200."""
        return 200 if code.startswith("is") else 404 if "AccessKeyId" in code else 400

    async def _send(self, request: Request) -> Callable[[], None]:
        self._check_signed(request)
        given = request.query_params
        if request.headers.get("x-acs-action") != "SendSms" or request.headers.get("x-acs-version") != "2017-05-25":
            raise No("", "InvalidAction.NotFound", "Specified api is not found")
        if given.get("SignName") != self._keys["sign_name"]:
            raise No("", "isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        if given.get("TemplateCode") != self._keys["template_code"]:
            raise No("template")
        phones = [phone for phone in given.get("PhoneNumbers", "").split(",") if phone]
        if not phones or not all(map(_PHONE.fullmatch, phones)):
            raise No("", "isv.MOBILE_NUMBER_ILLEGAL", "手机号码格式不正确")
        params = self._params(given.get("TemplateParam", "{}"))
        if any({phone: self._of(phone).exceeded() for phone in phones}.values()):
            raise No("too_fast")
        text = f"【{self._keys['sign_name']}】{params['title']}，{params['why']}，{params['since']}起"
        return lambda: self.room.show("sms", params["title"], text, called=phones, raw=dict(given))

    def _params(self, text: str) -> dict[str, str]:
        try:
            params = msgspec.json.decode(text, type=dict[str, str])
        except msgspec.DecodeError:
            raise No("", "isv.INVALID_JSON_PARAM", "参数不是合法的JSON") from None
        if missing := {"title", "why", "since"} - set(params):
            raise No("", "isv.TEMPLATE_MISSING_PARAMETERS", f"模板变量缺少对应参数值 {sorted(missing)}")
        if any(len(value) > VARIABLE_CHARACTERS for value in params.values()):
            raise No("too_large")
        if any("http" in value for value in params.values()):
            raise No("bad_format")
        return params

    def _of(self, phone: str) -> Limit:
        return self._limits.setdefault(phone, Limit(MOST_A_DAY, 86_400.0, self.room.clock))

    def _check_signed(self, request: Request) -> None:
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None or found[1] != self._keys["key_id"]:
            raise No("token")
        try:
            at = datetime.strptime(request.headers.get("x-acs-date", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise No("timestamp") from None
        if abs(at.timestamp() - self.room.clock()) > SKEW_SECONDS:
            raise No("timestamp")
        pairs = sorted(request.query_params.multi_items())
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
        names = found[2].split(";")
        lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
        payload = request.headers.get("x-acs-content-sha256", "")
        whole = f"POST\n/\n{query}\n{lines}\n{found[2]}\n{payload}"
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(whole.encode()).hexdigest()}"
        made = hmac.digest(self._keys["key_secret"].encode(), text.encode(), "sha256").hex()
        if not hmac.compare_digest(made, found[3]):
            raise No("sign")
