"""Trying a connection says what the source answered or why it did not, and never shows the secret."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from jst.erp.try_connection import VARIABLE, main, read_settings, try_connection
from jst.errors import Misconfigured
from jst.model.module import load_module, module_names
from tests.support.fake_source import NOON, SALE_OUT, SECRET, SKU, FakeClock, error_answer, page_answer
from tests.support.fake_source import Source as FakeSource

ROOT = Path(__file__).parents[3]
GIVEN: dict[str, Any] = {
    "conn_type": "jushuitan",
    "host": "https://erp.example.com",
    "login": "app",
    "password": SECRET,
    "extra": {"dialect": "gateway", "quotas": {"sale_out": 9}},
}


def tried(*answers: Any, modules: Any = (SALE_OUT,)) -> tuple[bool, list[str], FakeSource]:
    source, said = FakeSource(*answers), list[str]()
    transport = httpx.MockTransport(source._answer)
    refused = try_connection(source.settings, modules, said.append, FakeClock(), transport)
    return not refused, said, source


def test_a_line_per_module_says_what_came_back() -> None:
    passed, said, source = tried(page_answer({"io_id": "1"}, {"io_id": "2"}, total=1234, has_next=True))
    assert passed
    assert said == [
        "方言 gateway，地址 https://erp.example.com",
        "本机时钟与源端一致（相差不到 3 秒）",
        "✓ 销售出库 sale_out：最近一小时有变更的共 1,234 条，第一页 2 条，后面还有",
    ]
    assert len(source.requests) == 1


def test_every_module_is_asked_for_one_page() -> None:
    modules = [load_module(name) for name in module_names()]
    passed, said, source = tried(page_answer(), modules=modules)
    assert passed
    assert len(source.requests) == len(modules)
    assert [line.split("：")[0].split()[-1] for line in said[2:]] == module_names()


@pytest.mark.parametrize(("seconds", "expected"), [(-40, "快 40 秒"), (7, "慢 7 秒")])
def test_a_clock_that_is_wrong_is_named(seconds: int, expected: str) -> None:
    _, said, _ = tried(page_answer(date=NOON + timedelta(seconds=seconds)))
    assert said[1] == f"本机时钟比源端{expected}：校准本机的时钟（NTP）"


def test_a_refusal_says_what_to_do_and_once_is_enough() -> None:
    passed, said, _ = tried(error_answer(401, 40101), modules=(SALE_OUT, SKU))
    assert not passed
    assert said[1].startswith("✗ 销售出库 sale_out：聚水潭不认我们的签名")
    assert "处理：核对连接的 password（app_secret）与 app_key 是否一对" in said[1]
    assert said[2] == "✗ 商品资料 sku：同上"


def test_what_one_module_is_refused_another_may_get() -> None:
    passed, said, _ = tried(error_answer(403, 40302), page_answer(), modules=(SALE_OUT, SKU))
    assert not passed
    assert [line[0] for line in said[1:]] == ["✗", "本", "✓"]


def test_a_source_that_does_not_answer_is_waited_for_once() -> None:
    passed, said, source = tried(httpx.ConnectError("no line"), modules=(SALE_OUT, SKU))
    assert not passed
    assert [line.partition("（")[0] for line in said[1:]] == [
        "✗ 销售出库 sale_out：连不上聚水潭", "✗ 源端没有答复，其余模块不再询问"
    ]  # fmt: skip
    assert {request.url.path for request in source.requests} == {SALE_OUT.endpoint("gateway").path}


def test_the_secret_is_not_shown_whatever_comes_back() -> None:
    for answer in (page_answer(), error_answer(401, 40101, f"signed with {SECRET}"), httpx.ConnectError("no line")):
        _, said, source = tried(answer)
        shown = "\n".join(said)
        assert SECRET not in shown
        assert not [token for token in source.tokens if token in shown]


def test_json_is_read_as_airflow_stores_it() -> None:
    settings = read_settings(json.dumps(GIVEN))
    assert (settings.base_url, settings.app_key, settings.app_secret) == ("https://erp.example.com", "app", SECRET)
    assert settings.quotas == {"sale_out": 9.0}
    assert read_settings(json.dumps({**GIVEN, "extra": json.dumps(GIVEN["extra"])})) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{{"password": "{SECRET}"', "不是 JSON"),
        (json.dumps({**GIVEN, "conn_type": "http"}), "conn_type 不是 jushuitan"),
        (json.dumps({**GIVEN, "extra": [1]}), "extra 不是对象"),
        (json.dumps({**GIVEN, "host": ""}), "host 没有填"),
        (json.dumps({**GIVEN, "host": 7}), "host 没有填"),
        (json.dumps({**GIVEN, "login": 123}), "login（app_key） 不是文字。处理：加上引号"),
        (json.dumps({**GIVEN, "port": "abc"}), "port 是 'abc'"),
        ("\ufeff" + json.dumps({**GIVEN, "host": ""}), "host 没有填"),
        (f"jushuitan://app:{SECRET}@host:port", "不是连接的 URI"),
        (f"jushuitan://app:{SECRET}@host?__extra__=x", "不是连接的 URI"),
    ],
)
def test_a_connection_that_cannot_be_read_is_named_without_its_secret(text: str, message: str) -> None:
    with pytest.raises(Misconfigured, match=message) as caught:
        read_settings(text)
    assert SECRET not in str(caught.value)


def test_a_missing_connection_and_an_unknown_module_end_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 2
    assert f"没有环境变量 {VARIABLE}" in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, json.dumps(GIVEN))
    assert main(["orders"]) == 2
    assert "没有模块 orders" in capsys.readouterr().err


def test_airflow_is_not_needed() -> None:
    look = "import sys, jst.erp.try_connection; sys.exit(any(name.startswith('airflow') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT / "plugins", check=False).returncode == 0
