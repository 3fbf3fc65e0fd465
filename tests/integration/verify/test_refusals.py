"""When no honest answer can be given, none is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from jst.control.watermarks import Beginning
from jst.model.module import module_names
from local.verify.__main__ import main
from local.verify.addresses import Addresses
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.verify_environment import point_to

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture(autouse=True)
def _pointed(house: House, addresses: Callable[[Sandbox], Addresses], monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(addresses(house.sandbox), monkeypatch)


def test_a_living_shop_cannot_be_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wait", "0"]) == 2
    assert "无法比较：沙箱店铺还在营业" in capsys.readouterr().err


def test_a_feed_that_does_not_follow_is_named_with_its_watermark(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.sandbox.post("put", {"module": "sale_out", "row": {"io_id": "A", "items": []}})
    assert main(["--freeze", "--wait", "0"]) == 2
    assert house.sandbox.get("health")["frozen"]
    said = capsys.readouterr().err
    assert "0 秒内没有跟上源端最新变更" in said
    assert "sale_out 的 read watermark 还没有" in said
    assert "inventory 的 read watermark 还没有" in said


def test_a_source_that_is_away_is_named(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.sandbox.stop()
    assert main(["--wait", "0"]) == 2
    house.sandbox.start()
    assert "沙箱 ERP 连不上" in capsys.readouterr().err


def test_a_wrong_password_is_no_difference(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house.sandbox.post("freeze")
    later = house.clock.now() + timedelta(minutes=1)
    for module in module_names():
        house.plans.watermarks.start_live(module, Beginning(later, later))
    monkeypatch.setenv("JST_CLICKHOUSE_PASSWORD", "wrong")
    assert main(["--wait", "0"]) == 2
    assert "ClickHouse 拒绝了查询" in capsys.readouterr().err
