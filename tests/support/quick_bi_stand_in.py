"""A Quick BI on loopback: the API's own protocol (RPC, ACS3-HMAC-SHA256), its tag cache, its row rules.

Data are read from the real ClickHouse as ``lingyang_bi``, as the real one would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY_ID, KEY_SECRET = "LTAI-stand-in", "stand-in-secret"
CUBE, RULE, API, TAGS, MAIL = "cube-1", "rule-1", "api-1", "tags-1", "mail-1"
OWNER = "user-of-the-owner"
Select = Callable[[str], list[tuple[Any, ...]]]


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass
class Organisation:
    """``select`` reads ClickHouse as lingyang_bi; ``calls`` are the operations asked for, in order."""

    select: Select
    users: dict[str, str]
    disabled: set[str] = field(default_factory=set)
    is_open: int = 0
    miss_hit: str = "ALL"
    rule_open: int = 1
    members: set[str] = field(default_factory=set)
    bound_to: str = "quick_bi_tag"
    calls: list[str] = field(default_factory=list)
    ignores_rules: bool = False
    broken: str = ""
    cache: dict[str, list[str]] | None = None
    page_size: int = 0
    mails: list[str] = field(default_factory=list)
    """States of the runs of the subscription MAIL, oldest first; each look moves a running one on."""
    loses_answers: bool = False

    def answer(self, action: str, query: dict[str, str]) -> Any:
        self.calls.append(action)
        if self.broken == action:
            raise Refused(503, "ServiceUnavailable", "try again")
        operation = getattr(self, f"_{action}", None)
        if operation is None:
            raise Refused(404, "InvalidAction.NotFound", action)
        return operation(**query)

    def _QueryUserList(self, PageNum: str, PageSize: str) -> Any:
        size, page = self.page_size or int(PageSize), int(PageNum)
        people = sorted(self.users.items())
        data = [
            {"AccountName": name, "UserId": user, "IsDeleted": user in self.disabled}
            for name, user in people[(page - 1) * size : page * size]
        ]
        pages = -(-len(people) // size)
        return {"Data": data, "PageNum": page, "PageSize": size, "TotalNum": len(people), "TotalPages": pages}

    def _ListDynamicTag(self) -> Any:
        return [{"ConfigId": TAGS, "TableName": self.bound_to, "ColumnName": "shop_id", "RelatedAttribute": 1}]

    def _ClearDynamicTagCache(self, ConfigId: str) -> Any:
        assert ConfigId == TAGS
        had, self.cache = self.cache is not None, None
        return had

    def _ListCubeDataLevelPermissionConfig(self, CubeId: str, RuleType: str) -> Any:
        rule = {"ruleId": RULE, "isOpen": self.rule_open, "ruleUsersModel": {"users": sorted(self.members)}}
        extra = {"ruleType": RuleType, "missHitPolicy": self.miss_hit, "cubeId": CubeId}
        return json.dumps({"isOpen": self.is_open, "extraConfigModel": extra, "ruleModels": [rule]})

    def _SetDataLevelPermissionExtraConfig(self, CubeId: str, RuleType: str, MissHitPolicy: str) -> Any:
        assert (CubeId, RuleType) == (CUBE, "ROW_LEVEL")
        self.miss_hit = MissHitPolicy
        return True

    def _UpdateDataLevelPermissionStatus(self, CubeId: str, RuleType: str, IsOpen: str) -> Any:
        assert (CubeId, RuleType) == (CUBE, "ROW_LEVEL")
        self.is_open = int(IsOpen)
        return True

    def _AddDataLevelPermissionRuleUsers(self, AddUserModel: str) -> Any:
        self.members |= self._of_rule(AddUserModel, "addModel")
        return True

    def _DeleteDataLevelPermissionRuleUsers(self, DeleteUserModel: str) -> Any:
        self.members -= self._of_rule(DeleteUserModel, "delModel")
        return True

    def _of_rule(self, text: str, key: str) -> set[str]:
        model = json.loads(text)
        assert (model["ruleId"], model["cubeId"]) == (RULE, CUBE)
        return set(model[key]["users"])

    def _ManualRunMailTask(self, MailId: str) -> Any:
        if MailId != MAIL:
            raise Refused(400, "MailTask.NotExist", MailId)
        self.mails.append("PROCESSING")
        if self.loses_answers:
            raise Refused(503, "ServiceUnavailable", "after it was done")
        return True

    def _GetMailTaskStatus(self, MailId: str) -> Any:
        listed = [{"mailId": MailId, "taskId": at + 1, "status": each} for at, each in enumerate(self.mails)][-1:]
        self.mails = ["SENT" if each == "PROCESSING" else each for each in self.mails]
        return listed

    def _QueryData(self, ApiId: str, ReturnFields: str, Conditions: str, UserId: str = OWNER) -> Any:
        assert ApiId == API
        (shown,) = json.loads(ReturnFields)
        where = self._condition(UserId)
        sql = f"SELECT T.`店铺编号` AS `{shown}` FROM bi.sale_out T{where} GROUP BY T.`店铺编号`"
        return {"Sql": sql, "Headers": [], "Values": [{shown: shop} for (shop,) in self.select(sql)]}

    def _condition(self, user: str) -> str:
        if self.ignores_rules or not self.is_open or user == OWNER:
            return ""
        if user not in self.members:
            return "" if self.miss_hit == "ALL" else " WHERE 1 = 2"
        name = next(name for name, known in self.users.items() if known == user)
        shops = ", ".join(f"'{shop}'" for shop in self._tags().get(name, []))
        return f" WHERE T.`店铺编号` IN ({shops})" if shops else " WHERE 1 = 2"

    def _tags(self) -> dict[str, list[str]]:
        """Kept until somebody has them forgotten."""
        if self.cache is None:
            self.cache = {}
            for name, shop in self.select(f"SELECT account_name, shop_id FROM access.{self.bound_to} ORDER BY 1, 2"):
                self.cache.setdefault(name, []).append(shop)
        return self.cache


class StandIn:
    """Serves an organisation; ``address`` is host:port."""

    def __init__(self, organisation: Organisation) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                status, body = _reply(organisation, self, self.rfile.read(length))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST  # what only reads is asked by GET

            def log_message(self, format: str, *arguments: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _reply(organisation: Organisation, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any]:
    try:
        _check_signature(request, body)
        if request.headers["x-acs-version"] != "2022-01-01":
            raise Refused(400, "InvalidVersion", request.headers["x-acs-version"])
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query, keep_blank_values=True))
        result = organisation.answer(request.headers["x-acs-action"], query)
    except Refused as refused:
        return refused.status, {"RequestId": "r", "Code": refused.code, "Message": refused.message}
    return 200, {"RequestId": "r", "Success": True, "Result": result}


def _check_signature(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """ACS3-HMAC-SHA256 as the vendor documents it."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    if scheme != "ACS3-HMAC-SHA256" or parts.get("Credential") != KEY_ID:
        raise Refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    hashed = hashlib.sha256(body).hexdigest()
    names = parts["SignedHeaders"].split(";")
    path, _, query = request.path.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    quoted = "&".join(f"{urllib.parse.quote(k, safe='~')}={urllib.parse.quote(v, safe='~')}" for k, v in pairs)
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    canonical = "\n".join((request.command, path, quoted, headers, ";".join(names), hashed))
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if request.headers["x-acs-content-sha256"] != hashed or signature != parts["Signature"]:
        raise Refused(400, "SignatureDoesNotMatch", "The request signature does not conform to the standard.")
