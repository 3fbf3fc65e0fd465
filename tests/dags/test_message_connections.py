"""The three connections of messages: what the form offers is what the code reads, and a wrong field is named."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

FIELDS = {
    "dingtalk": ["secret", "app_key", "app_secret", "robot_code", "open_conversation_id", "api_host"],
    "feishu": ["secret", "app_id", "app_secret"],
    "aliyun_sms": ["sign_name", "template_code", "phones"],
}
CONNECTIONS: dict[str, dict[str, Any]] = {
    "dingtalk": {"password": "token", "extra": {"secret": "SEC0"}},
    "feishu": {"password": "hook", "extra": {"secret": "s"}, "host": "http://127.0.0.1", "port": 18200},
    "aliyun_sms": {"login": "ak", "password": "sk", "extra": {"sign_name": "名", "template_code": "SMS_1",
                                                              "phones": "13800000101，13800000102"}},
}  # fmt: skip


def hook(monkeypatch: pytest.MonkeyPatch, kind: str, **changed: Any) -> Any:
    from jst.airflow.message_hooks import DingTalkRobotHook, FeishuBotHook, SmsHook

    kinds: dict[str, Any] = {"dingtalk": DingTalkRobotHook, "feishu": FeishuBotHook, "aliyun_sms": SmsHook}
    name = kinds[kind].default_conn_name
    given = {"conn_type": kind, **CONNECTIONS[kind], **changed}
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(given))
    return kinds[kind]()


@pytest.mark.parametrize("kind", FIELDS)
def test_the_form_offers_what_the_code_reads(dags: dict[str, Any], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    (found,) = (meta for meta in HookMetaService.hook_meta_data() if meta.connection_type == kind)
    form = found.model_dump()
    assert list(form["extra_fields"]) == FIELDS[kind]
    secret = {name for name, field in form["extra_fields"].items() if field["schema"].get("format") == "password"}
    assert secret == {name for name in FIELDS[kind] if "secret" in name or name == "phones"}
    # what is left empty in the form comes as null or ''
    empty = {**dict.fromkeys(FIELDS[kind]), **CONNECTIONS[kind]["extra"]}
    proven, said = hook(monkeypatch, kind, extra=empty).test_connection()
    assert (proven, "字段齐全" in said) == (True, True)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_wrong_field_is_named_before_anything_is_sent(
    dags: dict[str, Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {**CONNECTIONS[kind]["extra"], "secrets": "hidden"}
    proven, said = hook(monkeypatch, kind, extra=extra).test_connection()
    assert (proven, "secrets" in said, "hidden" in said, "处理：" in said) == (False, True, False, True)


def test_anybody_s_dag_can_say_something(dags: dict[str, Any]) -> None:
    from airflow.sdk import DAG

    from jst.airflow.message_notifier import MessageNotifier
    from jst.airflow.operators.messages import SendMessageOperator

    with DAG("own", schedule=None, on_failure_callback=MessageNotifier(channel="feishu", mentions=["zhang.wei"])):
        task = SendMessageOperator(
            task_id="say", title="盘点 {{ ds }}", lines=["差异 **3** 件"], useful_for=timedelta(hours=1)
        )
    assert "title" in task.template_fields
