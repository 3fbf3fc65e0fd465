"""Every account × every table × TCP and HTTP: what may be read, and that everything else is refused.

What is expected is written out here, not taken from access.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.clickhouse_logins import Ask, code, over_http, over_tcp
from tests.support.guarded_clickhouse import Guarded

pytestmark = pytest.mark.clickhouse

MARTS = {
    f"dws.dws_shop_{each}" for each in ("hour", "hour_forecast", "warehouse_day", "style_day", "style_week", "sku_day")
}
FACTS = {"dws.dws_sale_out", "dws.dws_after_sale"} | MARTS
STOCK = {"dws.dws_inventory", "dws.dws_inventory_day", "dws.dws_replenishment_line", "dim.dim_sku"}
DIMS = {"dim.dim_shop", "dim.dim_warehouse", "dws.dws_replenishment_outcome", "dws.dws_sku_outlook"}
VIEWS_BY_SHOP = {
    f"bi.{name}"
    for name in ("sale_out", "after_sale", "refund", "after_sale_rate", "shop_hour", "shop_hour_forecast",
                 "shop_sku_day", "shop_style_day", "shop_style_week", "shop")
}  # fmt: skip
VIEWS = VIEWS_BY_SHOP | {"bi.inventory", "bi.inventory_day", "bi.turnover", "bi.sku", "bi.warehouse"}
COST_VIEWS = {"bi.inventory_finance", "bi.inventory_day_finance", "dws.dws_shop_margin_day"}
OPEN = FACTS | STOCK | DIMS | VIEWS
WHOLE = (FACTS | VIEWS | DIMS - {"dim.dim_shop"}) - {"dws.dws_shop_sku_day"}
"""What can be selected with all its columns by who may not see cost."""
OWN = {"access.user_shop", "access.user_role"}
OPS = {f"ops.{each}" for each in ("migration", "access_proof", "api_minute", "check_result", "module_minute")}
OPS |= {"ops.forecast_candidate", "ops.shop_owner", "ops.bi_health"}
READS = {
    "boards": OPEN | OWN,
    "boards_finance": STOCK | COST_VIEWS | OWN,
    "lingyang_bi": WHOLE | {"access.quick_bi_tag"},
    "lingyang_finance": STOCK | COST_VIEWS,
    "monitoring": OPS,
    "zhangwei": OPEN | OWN,
    "wangfang": OPEN | COST_VIEWS | OWN,
    "lina": OPEN | OWN,
    "stranger": OPEN | OWN,
}
COST = {"boards_finance", "lingyang_finance", "wangfang"}
NAMES_VIEWERS = {"boards", "boards_finance"}
COST_COLUMNS = {
    "dws.dws_inventory": ["cost_price", "stock_value"],
    "dws.dws_inventory_day": ["cost_price", "stock_value"],
    "dws.dws_replenishment_line": ["cost_price", "amount"],
    "dim.dim_sku": ["cost_price"],
}
STATES_A_TIME_OUT = {"lingyang_bi", "lingyang_finance"}
DENIED, READ_ONLY, TOO_MUCH = 497, 164, 452


@pytest.fixture(params=[over_tcp, over_http], ids=["tcp", "http"])
def ask(request: pytest.FixtureRequest, guarded: Guarded, account: str) -> Iterator[Ask]:
    """Asks as ``account``."""
    with request.param(guarded, account) as asking:
        yield asking


def tables(guarded: Guarded) -> list[str]:
    """All there are, marts that come later included."""
    rows = guarded.etl.execute(
        "SELECT database || '.' || name FROM system.tables "
        "WHERE database IN ('ods', 'dwd', 'dws', 'dim', 'ops', 'access', 'bi') ORDER BY 1"
    )
    return [name for (name,) in rows]


def columns(guarded: Guarded, table: str) -> list[str]:
    rows = guarded.etl.execute(
        "SELECT if(type LIKE 'AggregateFunction%%', concat('finalizeAggregation(', name, ')'), concat('`', name, '`'))"
        " FROM system.columns WHERE database || '.' || table = %(table)s",
        {"table": table},
    )
    return [name for (name,) in rows]


@pytest.mark.parametrize("account", READS)
def test_every_column_is_read_or_refused(guarded: Guarded, account: str, ask: Ask) -> None:
    for table in tables(guarded):
        if table not in READS[account]:
            # a count needs any one column: where it is refused, all are
            assert code(ask, f"SELECT count() FROM {table}") == DENIED, table
            continue
        closed = [] if account in COST else COST_COLUMNS.get(table, [])
        closed = ["owner"] if table == "dim.dim_shop" else closed
        free = [column for column in columns(guarded, table) if column.strip("`") not in closed]
        assert code(ask, f"SELECT {', '.join(free)} FROM {table} LIMIT 1") == 0, table
        for column in closed:
            assert code(ask, f"SELECT {column} FROM {table} LIMIT 1") == DENIED, (table, column)


@pytest.mark.parametrize("account", ["lingyang_bi", "lingyang_finance"])
def test_a_bi_tool_may_select_all_columns_of_all_it_sees(account: str, ask: Ask) -> None:
    """As tools look around: what is there, what is in it, and a preview of it."""
    listed = ask(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')"
    )
    assert {name for (name,) in listed} == READS[account]
    for (name,) in listed:
        assert code(ask, f"SELECT * FROM {name} LIMIT 3") == 0, name
        assert code(ask, f"SELECT * FROM {name} FINAL LIMIT 3") == 0, name
        described = ask(f"DESCRIBE TABLE {name}")
        assert not [kind for _, kind, *_ in described if "AggregateFunction" in kind], name
        assert code(ask, f"SHOW CREATE TABLE {name}") == 0, name
        schema, table = name.split(".")
        columns = ask(
            "SELECT column_name, column_comment FROM information_schema.columns"
            f" WHERE table_schema = '{schema}' AND table_name = '{table}'"
        )
        assert {column for column, _ in columns} == {column for column, *_ in described}, name


@pytest.mark.parametrize("account", READS)
def test_nothing_is_written(guarded: Guarded, account: str, ask: Ask) -> None:
    for table in tables(guarded):
        for sql in (
            f"INSERT INTO {table} SELECT * FROM {table}",
            f"DELETE FROM {table} WHERE 1",
            f"TRUNCATE TABLE {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} ADD COLUMN mine UInt8",
            f"OPTIMIZE TABLE {table}",
        ):
            assert code(ask, sql) in (READ_ONLY, DENIED), sql
    for sql in (
        "CREATE TABLE dws.mine (a UInt8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE mine (a UInt8)",
        "CREATE USER mine",
        "GRANT SELECT ON dws.* TO lingyang_bi",
        "SYSTEM SHUTDOWN",
        "INSERT INTO FUNCTION file('mine.csv') SELECT 1",
    ):
        assert code(ask, sql) in (READ_ONLY, DENIED), sql


@pytest.mark.parametrize("account", READS)
def test_no_way_around(guarded: Guarded, account: str, ask: Ask) -> None:
    other = "SELECT * FROM remote('127.0.0.1:{port}', dws.dws_inventory, 'default', '')"
    for sql in (
        other.format(port=guarded.port),
        "SELECT * FROM file('users.xml', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM merge('ods', '.*')",
        "SELECT * FROM merge('dwd', '.*')",
        "SELECT * FROM system.users",
        "SELECT * FROM system.row_policies",
        *(f"SELECT query FROM system.{table}" for table in ("query_log", "processes") if account != "monitoring"),
    ):
        assert code(ask, sql) != 0, sql
    for columns in COST_COLUMNS.values() if account not in COST else ():
        cost = columns[0]
        for sql in (
            f"SELECT {cost} FROM merge('dws', '^dws_inventory$')",
            f"SELECT count() FROM dws.dws_inventory WHERE {cost} > 1",
            f"SELECT sku_id FROM dws.dws_inventory ORDER BY {cost}",
            "SELECT * FROM dws.dws_inventory",
        ):
            assert code(ask, sql) != 0, sql


@pytest.mark.parametrize("account", READS)
def test_no_limit_is_lifted(account: str, ask: Ask) -> None:
    final = 1 if account != "monitoring" else 0
    assert [bool(value) for (value,) in ask("SELECT getSetting('final')")] == [bool(final)]
    for setting, value in {
        "final": 1 - final,
        "readonly": 0,
        "max_memory_usage": 5_000_000_000,
        "max_concurrent_queries_for_user": 1000,
        "use_skip_indexes_if_final_exact_mode": 0,
        "do_not_merge_across_partitions_select_final": 1,
        "apply_deleted_mask": 0,
        "max_threads": 64,
    }.items():
        assert code(ask, "SELECT 1", **{setting: value}) == READ_ONLY, setting
        assert code(ask, f"SELECT 1 SETTINGS {setting} = {value}") == READ_ONLY, setting
        assert code(ask, f"SET {setting} = {value}") == READ_ONLY, setting
    longest = 600 if account in STATES_A_TIME_OUT else 10
    assert code(ask, "SELECT 1", max_execution_time=longest + 1) == TOO_MUCH
    assert code(ask, "SELECT 1", max_execution_time=0) == TOO_MUCH
    assert code(ask, "SELECT 1", max_execution_time=longest) == 0
    assert ask("SELECT getSetting('max_execution_time')") == [(10,)]
    named = code(ask, "SELECT 1", log_comment="li.na")
    assert named == (0 if account in NAMES_VIEWERS else READ_ONLY)


@pytest.mark.parametrize("account", READS)
def test_what_drivers_set_for_themselves_is_taken(account: str, ask: Ask) -> None:
    for setting, value in {
        "enable_http_compression": 0,
        "session_timezone": "UTC",
        "date_time_output_format": "iso",
        "extremes": 1,
        "join_use_nulls": 1,
        "max_block_size": 65_536,
        "http_receive_timeout": 30,
        "max_result_rows": 10,
    }.items():
        assert code(ask, "SELECT 1", **{setting: value}) == 0, setting


def test_every_filter_is_bound_to_its_user(guarded: Guarded) -> None:
    """A policy that the server reads but applies to nobody opens the table: it did so for names with a dot."""
    bound = guarded.etl.execute("SELECT database || '.' || table, apply_to_list FROM system.row_policies")
    applied: dict[str, set[str]] = {}
    for table, users in bound:
        assert len(users) == 1, table
        applied.setdefault(table, set()).update(users)
    for account, names in READS.items():
        for table in names & (OPEN | OWN):
            assert account in applied[table], (account, table)


def test_a_sort_key_betrays_no_amount(guarded: Guarded) -> None:
    """mergeTreeIndex shows values of the sort key whatever the policy says: none of them may be money or a quantity."""
    for table in OPEN:
        keys = guarded.etl.execute(
            "SELECT name FROM system.columns WHERE is_in_sorting_key AND database || '.' || table = %(table)s AND "
            "(type LIKE '%%Decimal%%' OR type LIKE '%%Float%%')",
            {"table": table},
        )
        assert keys == []
