"""瓴羊BI (Quick BI) through its official SDK: the operations we use, under our names and with our errors.

Operations and fields: alibabacloud-quickbi-public20220101, version 2022-01-01 of the API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jst.clock import Clock
from jst.errors import JstError, Misconfigured, Retry

ENDPOINT = "quickbi-public.cn-hangzhou.aliyuncs.com"
_ROWS = "ROW_LEVEL"
_USERS_PER_PAGE = 1000
_SECONDS_PER_CALL = 0.11  # QueryData: 10 a second and API; all others bear more
_CONNECT_MS, _READ_MS = 5_000, 60_000


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of Quick BI: ``cube_id`` itself, ``rule_id`` of its rule by shop, ``api_id`` of the data service that
    returns ``shop_field``."""

    name: str
    cube_id: str
    rule_id: str
    api_id: str
    shop_field: str = "店铺编号"


@dataclass(frozen=True, slots=True)
class QuickBiSettings:
    """The connection to Quick BI. ``account_name``: how an account of ours is called in Quick BI."""

    endpoint: str
    protocol: str
    key_id: str
    key_secret: str = field(repr=False)
    account_name: str
    data_sets: tuple[DataSet, ...]

    @classmethod
    def from_connection(cls, host: str, login: str, password: str, extra: Mapping[str, Any]) -> QuickBiSettings:
        """Read the fields of Airflow's connection. Raises Misconfigured naming the field."""
        known = {"protocol", "account_name", "data_sets"}
        if unknown := sorted(set(extra) - known):
            raise _wrong(f"extra 里有不认识的字段 {'、'.join(unknown)}")
        account_name, protocol = str(extra.get("account_name", "{account}")), str(extra.get("protocol", "https"))
        if not login or not password:
            raise _wrong("缺少 AccessKey：login 写 AccessKey ID，password 写 AccessKey Secret")
        if "{account}" not in account_name:
            raise _wrong("extra.account_name 里没有 {account}")
        if protocol not in ("https", "http"):
            raise _wrong("extra.protocol 只能是 https 或 http")
        try:
            data_sets = tuple(DataSet(**data_set) for data_set in extra["data_sets"])
        except (KeyError, TypeError) as error:
            raise _wrong("extra.data_sets 须为列表，每项写 name、cube_id、rule_id、api_id") from error
        return cls(host or ENDPOINT, protocol, login, password, account_name, data_sets)

    def name_of(self, account: str) -> str:
        """Return the name of one of our accounts in Quick BI."""
        return self.account_name.replace("{account}", account)


@dataclass(frozen=True, slots=True)
class RowRules:
    """The row rules of a data set: switched on or not, what a member sees that no rule names, members of the rule by
    shop."""

    on: bool
    miss_hit: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuickBiAnswer:
    """What a member was shown, and the SQL Quick BI made for it."""

    sql: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailTask:
    """A run of a subscription; ``status``: PROCESSING, SENT or FAILED."""

    task_id: int
    status: str


class QuickBi:
    """The organisation behind one AccessKey. Raises Misconfigured when it refuses us, Retry when it does not answer."""

    def __init__(self, settings: QuickBiSettings, clock: Clock) -> None:
        # a second to import, and only here: DAG files are read all day
        from alibabacloud_quickbi_public20220101 import models
        from alibabacloud_quickbi_public20220101.client import Client
        from alibabacloud_tea_openapi.utils_models import Config
        from darabonba.runtime import RuntimeOptions

        config = Config(access_key_id=settings.key_id, access_key_secret=settings.key_secret,
                        endpoint=settings.endpoint, protocol=settings.protocol)  # fmt: skip
        self._client, self._models, self._clock = Client(config), models, clock
        self._runtime = RuntimeOptions(connect_timeout=_CONNECT_MS, read_timeout=_READ_MS, autoretry=False)

    def members(self) -> dict[str, str]:
        """Return account name → user id of each member of the organisation who is not disabled."""
        return {user.account_name: user.user_id for user in self._users() if not user.is_deleted}

    def _users(self) -> Iterator[Any]:
        page, pages = 1, 1
        while page <= pages:
            found = self._call("QueryUserList", page_num=page, page_size=_USERS_PER_PAGE)
            yield from found.data
            page, pages = page + 1, int(found.total_pages or 0)

    def tag_config(self, table: str) -> str:
        """Return the id of the tag table bound to our table by account name. Raises Misconfigured when there is
        none."""
        for config in self._call("ListDynamicTag"):
            if config.table_name == table and config.related_attribute == 1:
                return str(config.config_id)
        raise Misconfigured(
            f"瓴羊BI 里没有绑定标签表 {table}（按账号名关联）",
            do="按 docs/lingyang.md 的“标签表”一节绑定一次，再清除任务",
        )

    def forget_tags(self, config_id: str) -> None:
        """Let tags be read anew: Quick BI keeps them for an hour."""
        self._call("ClearDynamicTagCache", config_id=config_id)

    def row_rules(self, data_set: DataSet) -> RowRules:
        """Read the row rules of a data set. Raises Misconfigured when the rule by shop is not there."""
        said = json.loads(self._call("ListCubeDataLevelPermissionConfig", cube_id=data_set.cube_id, rule_type=_ROWS))
        for rule in said.get("ruleModels") or []:
            if rule.get("ruleId") == data_set.rule_id and rule.get("isOpen"):
                users = (rule.get("ruleUsersModel") or {}).get("users") or []
                policy = (said.get("extraConfigModel") or {}).get("missHitPolicy", "")
                return RowRules(bool(said.get("isOpen")), policy, frozenset(users))
        raise Misconfigured(
            f"瓴羊BI 数据集“{data_set.name}”里没有启用的行级权限规则 {data_set.rule_id}",
            do="按 docs/lingyang.md 的“行级权限”一节建一次规则，把规则编号写进连接 quick_bi_default",
        )

    def hide_from_strangers(self, data_set: DataSet) -> None:
        """Show nothing to a member that no rule names."""
        self._call(
            "SetDataLevelPermissionExtraConfig", cube_id=data_set.cube_id, rule_type=_ROWS, miss_hit_policy="NONE"
        )

    def switch_on(self, data_set: DataSet) -> None:
        """Switch the row rules of a data set on."""
        self._call("UpdateDataLevelPermissionStatus", cube_id=data_set.cube_id, rule_type=_ROWS, is_open=1)

    def add(self, data_set: DataSet, user_ids: list[str]) -> None:
        """Add members to the rule by shop."""
        model = _members(data_set, "addModel", user_ids)
        self._call("AddDataLevelPermissionRuleUsers", add_user_model=model)

    def remove(self, data_set: DataSet, user_ids: list[str]) -> None:
        """Remove members from the rule by shop."""
        model = _members(data_set, "delModel", user_ids)
        self._call("DeleteDataLevelPermissionRuleUsers", delete_user_model=model)

    def seen_by(self, data_set: DataSet, user_id: str) -> QuickBiAnswer:
        """Return what this member would be shown of shops."""
        if not user_id:  # it would answer as the organisation's owner, who sees all
            raise ValueError("user_id")
        found = self._call(
            "QueryData", api_id=data_set.api_id, user_id=user_id,
            return_fields=json.dumps([data_set.shop_field], ensure_ascii=False), conditions="{}",
        )  # fmt: skip
        values = {str(value) for row in found.values or [] for value in row.values()}
        return QuickBiAnswer(str(found.sql or ""), tuple(sorted(values)))

    def run_mail(self, mail_id: str) -> None:
        """Run a subscription now. Every call sends it once more."""
        self._call("ManualRunMailTask", mail_id=mail_id)

    def last_mail(self, mail_id: str) -> MailTask | None:
        """Return the last run of a subscription; None before the first."""
        tasks = [
            MailTask(int(task.task_id), str(task.status)) for task in self._call("GetMailTaskStatus", mail_id=mail_id)
        ]
        return max(tasks, key=lambda task: task.task_id, default=None)

    def _call(self, operation: str, **fields: Any) -> Any:
        """Call one operation of the SDK; returns ``result`` of the answer."""
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)[1:]
        request = getattr(self._models, f"{operation}Request")(**fields)
        call: Callable[..., Any] = getattr(self._client, f"{name}_with_options")
        self._clock.sleep(_SECONDS_PER_CALL)
        try:
            body = call(request, self._runtime).body
        except Exception as error:
            raise _refusal(operation, error) from error
        if not body.success:
            what = f"瓴羊BI 的 {operation} 没有成功（RequestId {body.request_id}）"
            raise Retry(what, do="稍后自动重试", server="瓴羊BI")
        return body.result


def _members(data_set: DataSet, key: str, user_ids: list[str]) -> str:
    model = {"ruleId": data_set.rule_id, "cubeId": data_set.cube_id, key: {"users": user_ids, "userGroups": []}}
    return json.dumps(model)


def _refusal(operation: str, error: Exception) -> JstError:
    """Turn an exception of the SDK into ours; it carries a code only where the server answered."""
    code, status = str(getattr(error, "code", "") or ""), int(getattr(error, "status_code", 0) or 0)
    said = f"{code} {getattr(error, 'message', '') or type(error).__name__}".strip()[:300]
    if not code or status >= 500 or code.startswith("Throttling"):
        what = f"瓴羊BI 的 {operation} 没有得到答复：{said}"
        return Retry(what, do="稍后自动重试；一直如此时检查网络与 endpoint", server="瓴羊BI")
    return Misconfigured(
        f"瓴羊BI 拒绝了 {operation}：{said}",
        do="检查连接 quick_bi_default 的 AccessKey、它在瓴羊BI 里的组织管理员权限、版本（专业版）与各编号",
    )


def _wrong(what: str) -> Misconfigured:
    return Misconfigured(f"连接 quick_bi_default 不对：{what}", do="对照 docs/lingyang.md 的“接口连接”一节改正")
