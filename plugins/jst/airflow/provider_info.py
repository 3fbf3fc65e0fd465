"""What Airflow shows of us as a provider: connection type 聚水潭 and its form, hooks, operators, sensors, triggers.

Every component of Airflow loads this file: it imports nothing of ours. A test holds that the form has the fields,
dialects and bounds that ``jst.erp.connection_settings`` reads.
"""

from __future__ import annotations

from typing import Any

_NAME = "聚水潭 Jushuitan"
_OPERATORS = (
    "access", "alerts", "backfill", "checks", "dead_letters", "dimensions", "figures", "forecast", "housekeeping",
    "initial", "live", "marts", "messages", "push", "rebuild", "reconcile", "replenishment", "schema", "standby",
)  # fmt: skip
_TRIGGERS = ("triggers", "alert_trigger", "message_trigger", "push_trigger")


def _field(label: str, what: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """Describe one field of the form; ``kind``: its JSON type, and what is left empty stays null."""
    return {"label": label, "description": what, "schema": {"type": [kind, "null"], **more}}


_FIELDS = {
    "dialect": _field(
        "方言 dialect",
        "源端说哪种方言：gateway（不选时），或聚水潭公开的接口 openapi",
        enum=["gateway", "openapi"],
        values_display={"gateway": "gateway（网关，JWT）", "openapi": "openapi（聚水潭公开接口）"},
    ),
    "timeout_seconds": _field("等待答复（秒）timeout_seconds", "1 到 300，不填是 20", "number", minimum=1, maximum=300),
    "verify": _field("证书校验 verify", "true（不填时），或 CA 证书文件的路径；校验不能关闭"),
    "quotas": _field(
        "请求额度 quotas",
        '合同与默认不同时填写。gateway 按模块写每秒请求数：{"sale_out": 15}；'
        'openapi 写所有接口合计：{"second": 5, "minute": 100}',
        "object",
    ),
    "proxy": _field(
        "代理 proxy",
        "白名单要求固定出口 IP 时填写：http://主机:端口，需要账号时 http://账号:密码@主机:端口",
        format="password",
    ),
    "params": _field(
        "合同要求的参数 params",
        '按模块写：{"sale_out": {"参数名": 值}}；窗口、分页、主键由产品自己填写',
        "object",
    ),
    "stock": _field(
        "库存口径 stock",
        "total（不选时）：全部仓库合计；per_warehouse：每个仓库各一行，总库存是它们的和。改动后全部重新读一遍，读完才换",
        enum=["total", "per_warehouse"],
        values_display={"total": "total（总库存）", "per_warehouse": "per_warehouse（分仓库存）"},
    ),
}
_BEHAVIOUR = {
    "hidden-fields": ["schema"],
    "relabeling": {"host": "网关地址", "port": "端口", "login": "app_key", "password": "app_secret"},
    "placeholders": {
        "host": "https://网关域名（带协议；有路径就写上）",
        "port": "443（“测试连接”需要端口）",
        "login": "开放平台控制台里的 app_key",
        "password": "与 app_key 一对的 app_secret",
    },
}


def _secret(label: str, what: str) -> dict[str, Any]:
    return _field(label, what, format="password")


def _robot(
    kind: str, hook: str, name: str, fields: dict[str, Any], hidden: list[str], host: str, labels: dict[str, str]
) -> dict[str, Any]:
    """Describe a connection type of message robots; ``host``: what stands where it is left empty."""
    return {
        "connection-type": kind,
        "hook-class-name": f"jst.airflow.message_hooks.{hook}",
        "hook-name": name,
        "conn-fields": fields,
        "ui-field-behaviour": {
            "hidden-fields": ["schema", *hidden],
            "relabeling": {"host": "地址", "port": "端口", **labels},
            "placeholders": {"host": f"不填是 {host}"},
        },
    }


_ROBOTS = (
    _robot(
        "dingtalk",
        "DingTalkRobotHook",
        "钉钉机器人 DingTalk",
        {
            "secret": _secret("加签密钥 secret", "机器人安全设置里“加签”的 SEC…；用关键词或 IP 时不填"),
            "app_key": _field("应用 app_key", "发图片用的企业应用机器人；这四项要么都填，要么都不填"),
            "app_secret": _secret("应用 app_secret", "与 app_key 一对"),
            "robot_code": _field("应用 robot_code", "应用机器人的 robotCode"),
            "open_conversation_id": _field("群 open_conversation_id", "应用机器人所在群的 openConversationId"),
            "api_host": _field("接口地址 api_host", "不填是 https://api.dingtalk.com"),
        },
        ["login"],
        "https://oapi.dingtalk.com",
        {"password": "access_token"},
    ),
    _robot(
        "feishu",
        "FeishuBotHook",
        "飞书机器人 Feishu",
        {
            "secret": _secret("签名密钥 secret", "机器人安全设置里“签名校验”的密钥；用关键词或 IP 时不填"),
            "app_id": _field("应用 app_id", "发图片用的应用；与 app_secret 都填或都不填"),
            "app_secret": _secret("应用 app_secret", "与 app_id 一对"),
        },
        ["login"],
        "https://open.feishu.cn",
        {"password": "hook id"},
    ),
    _robot(
        "aliyun_sms",
        "SmsHook",
        "阿里云短信 Aliyun SMS",
        {
            "sign_name": _field("签名 sign_name", "短信控制台里已审核通过的签名"),
            "template_code": _field("模板 template_code", "SMS_…，变量是 ${title}、${why}、${since}"),
            "phones": _field("手机号 phones", "没有点名的人时发给谁，几个之间用逗号", format="password"),
        },
        [],
        "https://dysmsapi.aliyuncs.com",
        {"login": "AccessKey ID", "password": "AccessKey Secret"},
    ),
)


def get_provider_info() -> dict[str, Any]:
    """Return what entry point ``apache_airflow_provider`` promises, by Airflow's provider_info.schema.json."""
    return {
        "package-name": "jst-lingyang",
        "name": _NAME,
        "description": "聚水潭 ERP → Kafka → ClickHouse 宽表 → 瓴羊BI",
        "integrations": [{"integration-name": _NAME}],
        "hooks": _modules("jst.airflow.hooks", "jst.airflow.message_hooks"),
        "operators": _modules(*(f"jst.airflow.operators.{name}" for name in _OPERATORS)),
        "sensors": _modules("jst.airflow.sensors"),
        "triggers": _modules(*(f"jst.airflow.{name}" for name in _TRIGGERS)),
        "notifications": ["jst.airflow.message_notifier.MessageNotifier"],
        "bundles": _modules("jst.airflow.dag_bundle"),
        "connection-types": [
            {
                "connection-type": "jushuitan",
                "hook-class-name": "jst.airflow.hooks.JushuitanHook",
                "hook-name": _NAME,
                "conn-fields": _FIELDS,
                "ui-field-behaviour": _BEHAVIOUR,
            },
            *_ROBOTS,
        ],
    }


def _modules(*names: str) -> list[dict[str, Any]]:
    return [{"integration-name": _NAME, "python-modules": list(names)}]
