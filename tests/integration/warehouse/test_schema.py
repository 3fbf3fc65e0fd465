"""Migrations run once, in order, unaltered; and the tables hold what the specs and the contract name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, load_module, module_names
from jst.warehouse.clickhouse_migrations import migrate
from jst.warehouse.hosts import Hosts
from jst.warehouse.node_check import check_node

pytestmark = pytest.mark.clickhouse
MIGRATIONS = INCLUDE / "sql" / "migrations" / "clickhouse"
CONTRACT = {
    "dws_sale_out": """io_id, line_id, o_id, so_id, shop_id, shop_name, platform, status, is_shipped, order_type,
        sku_id, i_id, sku_name, category, brand, qty, price, out_amount, gmv, discount_amount, paid_amount,
        freight_amount, platform_fee, wms_co_id, warehouse_name, receiver_state, created, pay_date, io_date, biz_day,
        biz_hour, modified, is_abnormal, fetched_at, version, is_deleted, io_number""",
    "dws_inventory": """sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled,
        qty, order_lock, pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty,
        defective_qty, min_qty, max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified,
        fetched_at, version, is_deleted""",
    "dws_after_sale": """as_id, line_id, io_id, o_id, so_id, shop_id, shop_name, platform, type, source_status, status,
        is_refund, refund_date, question_type, is_quality, sku_id, i_id, sku_name, category, qty, return_qty,
        refund_amount, created, confirm_date, biz_day, biz_hour, modified, handle_hours, is_abnormal, fetched_at,
        version, is_deleted""",
}


ALONE = Hosts.from_options({"host": "ch1"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in MIGRATIONS.glob("*.sql"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return tmp_path


@pytest.fixture
def bare(client: Client) -> Iterator[Client]:
    """The server without its memory of migrations: what a crash in the middle leaves at worst."""
    client.execute("DROP TABLE ops.migration SYNC")
    yield client
    migrate(client)


def test_a_second_run_does_nothing(client: Client) -> None:
    assert migrate(client) == []


def test_what_was_applied_from_another_folder_is_known_by_its_name(client: Client, folder: Path) -> None:
    assert migrate(client, folder) == []


def test_every_statement_bears_to_be_run_again(bare: Client) -> None:
    assert migrate(bare) == sorted(path.name for path in MIGRATIONS.glob("*.sql"))
    assert migrate(bare) == []


def test_a_new_migration_runs_alone(client: Client, folder: Path) -> None:
    number = int(max(path.name[:4] for path in folder.glob("*.sql"))) + 1
    new = folder / f"{number:04d}_create_ops_trial.sql"
    new.write_text("CREATE TABLE IF NOT EXISTS ops.trial (id UInt8) ENGINE = Memory")
    try:
        assert migrate(client, folder) == [new.name]
        assert client.execute("EXISTS TABLE ops.trial") == [(1,)]
        assert migrate(client) == []  # an older program goes on beside what a newer one has added
        check_node(client, ALONE)
    finally:
        client.execute("DROP TABLE IF EXISTS ops.trial")
        client.execute("DELETE FROM ops.migration WHERE name = %(name)s", {"name": new.name})


def test_altered_history_is_refused(client: Client, folder: Path) -> None:
    altered = folder / "0002_create_ops_migration.sql"
    altered.write_text(altered.read_text("utf-8") + "-- altered\n", "utf-8")
    with pytest.raises(Misconfigured, match=r"0002_create_ops_migration\.sql.*文件被改动"):
        migrate(client, folder)


@pytest.mark.parametrize(("name", "number"), [("0003_create_another.sql", "0003"), ("3b_create.sql", "3b_c")])
def test_a_number_that_is_taken_or_none_is_refused(client: Client, folder: Path, name: str, number: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(Misconfigured, match=f"编号不对：{number}"):
        migrate(client, folder)


def test_a_migration_that_was_lost_is_refused(client: Client, folder: Path) -> None:
    (folder / "0003_create_database_ods.sql").unlink()
    with pytest.raises(Misconfigured, match=r"0003_create_database_ods\.sql.*文件已不在"):
        migrate(client, folder)


def test_our_server_passes_its_check_as_one_node_and_as_one_of_two(client: Client) -> None:
    check_node(client, ALONE)
    check_node(client, Hosts.from_options({"host": "ch1", "standby": "ch2"}))


def test_a_program_newer_than_the_tables_says_which_dag_to_run(bare: Client) -> None:
    with pytest.raises(Misconfigured, match=r"比 ClickHouse 的库表新.*0001_create_database_ops.*运行 DAG jst_schema"):
        check_node(bare, ALONE)


@pytest.mark.parametrize("name", module_names())
def test_dwd_holds_every_field_of_the_spec(client: Client, name: str) -> None:
    module = load_module(name)
    columns = _columns(client, "dwd", f"dwd_{name}")
    assert set(module.fields) | {f"lines.{field}" for field in module.line_fields} <= columns
    ours = {"key_time", "lines.line_id", "state", "modified", "plan_id", "attempt", "ticket", "fetched_at", "version"}
    declared = set(module.fields) | {f"lines.{field}" for field in module.line_fields}
    assert columns - declared <= ours


@pytest.mark.parametrize("table", CONTRACT)
def test_a_wide_table_keeps_its_contract(client: Client, table: str) -> None:
    assert {name.strip() for name in CONTRACT[table].split(",")} == _columns(client, "dws", table) - {"key_time"}


@pytest.mark.parametrize("table", CONTRACT)
def test_every_column_of_a_wide_table_is_explained(client: Client, table: str) -> None:
    unexplained = client.execute(
        "SELECT name FROM system.columns WHERE database = 'dws' AND table = %(table)s AND comment = ''",
        {"table": table},
    )
    assert unexplained == []


def _columns(client: Client, database: str, table: str) -> set[str]:
    rows = client.execute(
        "SELECT name FROM system.columns WHERE database = %(database)s AND table = %(table)s",
        {"database": database, "table": table},
    )
    return {name for (name,) in rows}
