"""What a connection says becomes settings, or an error that names its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jst.erp.client import Client
from jst.erp.connection_settings import DIALECTS, Settings
from jst.errors import Misconfigured
from tests.support.fake_source import CountingBudget, FakeClock
from tests.support.own_ca import OwnCa


def made(**changes: Any) -> Settings:
    given = {"host": "https://erp.example.com", "port": None, "schema": None, "login": "app", "password": "pw"}
    return Settings.from_connection(**{**given, "extra": {}, **changes})


@pytest.mark.parametrize(
    ("host", "port", "schema", "base_url"),
    [
        ("https://erp.example.com", None, None, "https://erp.example.com"),
        ("http://127.0.0.1:18200/", None, None, "http://127.0.0.1:18200"),
        ("erp.example.com", None, None, "https://erp.example.com"),
        ("erp.example.com", 8443, "https", "https://erp.example.com:8443"),
        ("sandbox", 18200, "http", "http://sandbox:18200"),
        (" https://erp.example.com:444/base/ ", 8443, None, "https://erp.example.com:444/base"),
    ],
)
def test_base_url(host: str, port: int | None, schema: str | None, base_url: str) -> None:
    assert made(host=host, port=port, schema=schema).base_url == base_url


def test_defaults() -> None:
    settings = made()
    assert (settings.dialect, settings.timeout_seconds, settings.verify, settings.quotas) == ("gateway", 20.0, True, {})


def test_everything_given(tmp_path: Path) -> None:
    authority = OwnCa(tmp_path).file
    extra = {"dialect": "gateway", "timeout_seconds": 5, "verify": authority, "quotas": {"sale_out": 3}}
    settings = made(extra=extra)
    assert (settings.timeout_seconds, settings.verify, settings.quotas) == (5.0, authority, {"sale_out": 3.0})


def test_the_extras_of_a_uri_which_are_text_mean_what_they_spell() -> None:
    extra = {"dialect": "openapi", "timeout_seconds": "30", "verify": "true", "quotas": '{"minute": 50, "second": "2"}'}
    settings = made(extra=extra)
    assert (settings.timeout_seconds, settings.verify) == (30.0, True)
    assert settings.quotas == {"minute": 50.0, "second": 2.0}


def test_a_proxy_and_what_a_contract_asks_for() -> None:
    extra = {"proxy": "http://u:hidden-one@10.0.0.3:3128", "params": '{"sale_out": {"is_offline_shop": true}}'}
    settings = made(extra=extra)
    assert settings.proxy == "http://u:hidden-one@10.0.0.3:3128"
    assert settings.params == {"sale_out": {"is_offline_shop": True}}
    assert "hidden-one" not in repr(settings)


def test_the_openapi_dialect_has_quotas_of_its_own() -> None:
    settings = made(extra={"dialect": "openapi", "quotas": {"second": 8, "minute": 300}})
    assert (settings.dialect, settings.quotas) == ("openapi", {"second": 8.0, "minute": 300.0})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"host": None}, "host 没有填"),
        ({"host": " "}, "host 没有填"),
        ({"host": "ftp://erp.example.com"}, "host 的协议"),
        ({"host": "https://app:pw@erp.example.com"}, "host 不是一个网关地址"),
        ({"host": "https://erp.example.com:notaport"}, "host 不是一个网关地址"),
        ({"login": None}, "login（app_key） 没有填"),
        ({"login": " app"}, "login（app_key） 前后有空白"),
        ({"password": ""}, "password（app_secret） 没有填"),
        ({"password": "secret-word\n"}, "password（app_secret） 前后有空白"),
        ({"extra": {"dialekt": "gateway"}}, "extra.dialekt 不认识"),
        ({"extra": {"dialect": "soap"}}, "extra.dialect 是 'soap'"),
        ({"extra": {"timeout_seconds": "soon"}}, "extra.timeout_seconds 是 'soon'"),
        ({"extra": {"timeout_seconds": 0}}, "extra.timeout_seconds 是 0"),
        ({"extra": {"timeout_seconds": True}}, "extra.timeout_seconds 是 True"),
        ({"extra": {"verify": False}}, "extra.verify 是 False"),
        ({"extra": {"verify": "no-such-file.pem"}}, "extra.verify 是 'no-such-file.pem'"),
        ({"extra": {"verify": "/etc/hostname"}}, "extra.verify 是 '/etc/hostname'"),
        ({"extra": {"quotas": 5}}, "extra.quotas 不是对象"),
        ({"extra": {"quotas": {"sale_outt": 5}}}, "extra.quotas.sale_outt 不是模块名"),
        ({"extra": {"quotas": {"sale_out": 0}}}, "extra.quotas.sale_out 是 0"),
        ({"extra": {"quotas": {"minute": 100}}}, "extra.quotas.minute 不是模块名"),
        ({"extra": {"dialect": "openapi", "quotas": {"sale_out": 5}}}, "extra.quotas.sale_out 不是期限"),
        ({"extra": {"verify": "false"}}, "extra.verify 是 False"),
        ({"extra": {"proxy": "socks5://proxy:1080"}}, "extra.proxy 不是一个代理地址"),
        ({"extra": {"proxy": "http://proxy:port"}}, "extra.proxy 不是一个代理地址"),
        ({"extra": {"proxy": 3128}}, "extra.proxy 不是一个代理地址"),
        ({"extra": {"stock": "both"}}, "extra.stock 是 'both'"),
        ({"extra": {"params": [1]}}, "extra.params 不是对象"),
        ({"extra": {"params": {"sale": {}}}}, "extra.params.sale 不是模块名"),
        ({"extra": {"params": {"sale_out": 1}}}, "extra.params.sale_out 不是对象"),
        ({"extra": {"dialect": "openapi", "quotas": {"minute": "many"}}}, "extra.quotas.minute 是 'many'"),
    ],
)
def test_a_bad_connection_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        made(**changes)
    assert f"聚水潭连接的 {named}" in str(caught.value)
    assert "。处理：" in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_the_secret_is_not_shown() -> None:
    assert "hidden-one" not in repr(made(password="hidden-one"))


def test_connections_to_one_app_share_one_budget_and_others_do_not() -> None:
    assert made().credential == made(host="https://ERP.example.com/", password="renewed").credential
    assert made().credential != made(login="other").credential
    assert made().credential != made(host="https://test.example.com").credential
    assert "pw" not in made().credential


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_a_connection_may_name_is_spoken(dialect: str) -> None:
    Client(made(extra={"dialect": dialect}), CountingBudget(), FakeClock()).close()
