"""The connection 聚水潭 is made by Airflow's form, and its button says in Chinese what the source answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browse import Browse
from tests.support.still_sandbox import SECRET, StillSandbox

pytestmark = pytest.mark.postgres
WRONG = "another-secret-0123456789abcdefgh"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillSandbox]:
    past = ("--no-quota", "--history-days", "1", "--history-per-hour", "20")
    sandbox = StillSandbox(tmp_path_factory.mktemp("erp"), "gateway", *past)
    yield sandbox
    sandbox.close()


def enter(page: Page, name: str, source: StillSandbox, secret: str) -> None:
    """Fill in the form as docs/connecting.md says and save it."""
    page.goto("/connections")
    page.get_by_role("button", name="添加连接").click()
    form = page.get_by_role("dialog")
    form.locator("input[name=connection_id]").fill(name)
    form.get_by_role("combobox").first.fill("聚水潭")
    page.get_by_role("option", name="聚水潭 Jushuitan").click()
    host, _, port = source.url.rpartition(":")
    for field, value in (("host", host), ("port", port), ("login", "sandbox_app"), ("password", secret)):
        form.locator(f"input[name={field}]").fill(value)
    form.get_by_role("button", name="额外字段", exact=True).click()
    form.locator("input[name=element_timeout_seconds]").fill("7")
    form.get_by_role("button", name="保存").click()
    expect(form).to_have_count(0)


def pressed(page: Page, name: str, result: str) -> str:
    """Press the button 测试连接 of a connection and return what Airflow shows under the heading ``result``."""
    page.get_by_role("row", name=name).get_by_role("button", name="测试连接").click()
    toast = page.locator("[data-scope=toast][data-part=root]").filter(has_text=result)
    expect(toast).to_be_visible()
    return toast.inner_text()


def test_the_form_and_its_button(browse: Browse, source: StillSandbox) -> None:
    page = browse()
    enter(page, "own_erp", source, SECRET)
    said = pressed(page, "own_erp", "测试连接成功")
    assert f"方言 gateway，地址 {source.url}" in said
    assert "✓ 销售出库 sale_out：最近一小时" in said
    enter(page, "wrong_erp", source, WRONG)
    said = pressed(page, "wrong_erp", "测试连接失败")
    assert "✗ after_sale：聚水潭不认我们的签名" in said
    assert said.count("处理：核对连接的 password（app_secret）与 app_key 是否一对") == 1
    for secret in (SECRET, WRONG):
        assert secret not in page.content()
