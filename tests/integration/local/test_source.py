"""Which source the stack reads: data of one dialect is never read on in another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jst.model.module import load_module
from jst.workbook.shops import read_workbook
from local.layout import Layout, LocalError, Ports, Secrets
from local.services import source
from local.services.airflow import connections, environment


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    for name in ("JST_DIALECT", "JST_SANDBOX", source.CONNECTION):
        monkeypatch.delenv(name, raising=False)
    return Layout(tmp_path, Ports(), Secrets())


def test_a_fresh_installation_speaks_gateway_unless_told_otherwise(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source.chosen_dialect(layout) == "gateway"
    monkeypatch.setenv("JST_DIALECT", "openapi")
    assert source.chosen_dialect(layout) == "openapi"


def test_data_keeps_its_dialect_without_being_told_again(layout: Layout) -> None:
    source.keep_dialect(layout, "openapi")
    assert source.chosen_dialect(layout) == "openapi"
    assert "openapi" in source.sandbox(layout).argv
    assert json.loads(connections(layout)[source.CONNECTION])["extra"] == {"dialect": "openapi", "stock": "total"}


@pytest.mark.parametrize("remembered", [True, False])
def test_the_other_dialect_is_refused_until_the_data_is_removed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    (layout.data / "postgres").mkdir(parents=True)
    if remembered:
        source.keep_dialect(layout, "gateway")
    monkeypatch.setenv("JST_DIALECT", "openapi")
    with pytest.raises(LocalError, match="make clean"):
        source.chosen_dialect(layout)


@pytest.mark.parametrize(
    ("connection", "dialect"),
    [
        ('{"conn_type": "jushuitan", "host": "http://127.0.0.1:9"}', "gateway"),
        ('{"conn_type": "jushuitan", "extra": {"dialect": "openapi"}}', "openapi"),
        ('{"conn_type": "jushuitan", "extra": "{\\"dialect\\": \\"openapi\\"}"}', "openapi"),
        ("jushuitan://key:secret@127.0.0.1:9/?dialect=openapi", "openapi"),
        ("jushuitan://key:secret@127.0.0.1:9", "gateway"),
    ],
)
def test_a_connection_of_ones_own_names_the_dialect(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, connection: str, dialect: str
) -> None:
    monkeypatch.setenv(source.CONNECTION, connection)
    assert source.chosen_dialect(layout) == dialect


@pytest.mark.parametrize(
    ("name", "value"), [("JST_DIALECT", "topapi"), ("JST_SANDBOX", "--skus '3"), (source.CONNECTION, '{"extra": 1}')]
)
def test_what_cannot_be_understood_is_named(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(LocalError, match=name):
        source.sandbox(layout)


def test_the_sandboxs_shops_stay_with_the_sandbox(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = json.loads(connections(layout)["AIRFLOW_CONN_SHOPS_WORKBOOK"])["extra"]["url"]
    assert {shop.shop_id for shop in read_workbook(Path(workbook)).shops} <= set(range(101, 113))
    monkeypatch.setenv(source.CONNECTION, '{"conn_type": "jushuitan", "host": "http://127.0.0.1:9"}')
    assert "AIRFLOW_CONN_SHOPS_WORKBOOK" not in connections(layout)
    assert source.lacks_workbook()
    assert not source.WORKBOOK.exists(), "a workbook that is shipped would be every company's"


def test_a_workbook_given_from_outside_is_left_alone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOPS_WORKBOOK", "{}")
    assert "AIRFLOW_CONN_SHOPS_WORKBOOK" not in connections(layout)


@pytest.mark.parametrize(("dialect", "days"), [("gateway", 28), ("openapi", 3)])
def test_the_first_load_reads_all_of_the_sandboxs_past(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, dialect: str, days: int
) -> None:
    monkeypatch.setenv("JST_DIALECT", dialect)
    argv = list(source.sandbox(layout).argv)
    assert argv[argv.index("--history-days") + 1] == str(days)
    for name, value in environment(layout).items():
        monkeypatch.setenv(name, value)
    read = {name: load_module.__wrapped__(name).initial_days for name in ("sale_out", "after_sale", "sku", "shop")}
    assert read == {"sale_out": days, "after_sale": days, "sku": 1095, "shop": 0}


def test_a_source_of_ones_own_is_read_as_far_back_as_its_modules_say(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(source.CONNECTION, '{"conn_type": "jushuitan", "host": "http://127.0.0.1:9"}')
    assert "JST_INITIAL_DAYS" not in environment(layout)


def test_the_sandbox_gets_its_options(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JST_SANDBOX", "--skus 30000 --history-days 3")
    assert list(source.sandbox(layout).argv)[-4:] == ["--skus", "30000", "--history-days", "3"]
