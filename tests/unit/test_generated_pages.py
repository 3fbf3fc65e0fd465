"""docs/tables.md is what the ClickHouse migrations say, and the reader of migrations misses no column."""

from __future__ import annotations

import pytest

from jst.warehouse.clickhouse_migrations import Migration
from local.docs.table_facts import Column, tables
from local.docs.table_page import PAGE, page

TABLE = """-- A table.
CREATE TABLE IF NOT EXISTS dws.example
(
    id String COMMENT 'Key, with a comma (and brackets) and a quote: it''s one',
    amount Nullable(Decimal(18, 2)) DEFAULT 0 COMMENT '金额',
    lines Nested
    (
        line_id String,
        qty Decimal(18, 4) COMMENT '数量'
    ),
    body String COMMENT 'Text' CODEC(ZSTD(3)),
    INDEX id_index id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(amount)
ORDER BY (toStartOfHour(moment), id)
COMMENT '说明'
"""
EXAMPLE = Migration("0001_create_dws_example.sql", TABLE)


def test_the_page_is_what_the_migrations_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "docs/tables.md is stale: make docs"


def test_columns_types_and_meanings_are_read_as_they_stand() -> None:
    (example,) = tables([EXAMPLE])
    assert (example.name, example.database, example.meaning) == ("dws.example", "dws", "说明")
    assert (example.engine, example.order) == ("ReplacingMergeTree(amount)", "(toStartOfHour(moment), id)")
    assert example.columns == [
        Column("id", "String", "Key, with a comma (and brackets) and a quote: it's one"),
        Column("amount", "Nullable(Decimal(18, 2))", "金额"),
        Column("lines.line_id", "Array(String)", ""),
        Column("lines.qty", "Array(Decimal(18, 4))", "数量"),
        Column("body", "String", "Text"),
    ]


@pytest.mark.parametrize(
    ("place", "expected"),
    [("AFTER id", ["id", "new"]), ("FIRST", ["new", "id"]), ("", ["body", "new"])],
    ids=["after", "first", "last"],
)
def test_a_column_that_was_added_stands_where_the_server_has_it(place: str, expected: list[str]) -> None:
    sql = f"ALTER TABLE dws.example\n    ADD COLUMN IF NOT EXISTS new UInt8 DEFAULT 1 COMMENT '新' {place}"
    (example,) = tables([EXAMPLE, Migration("0002_add_new.sql", sql.rstrip())])
    assert Column("new", "UInt8", "新") in example.columns
    assert " ".join(expected) in " ".join(column.name for column in example.columns)


@pytest.mark.parametrize(
    "sql", ["ALTER TABLE dws.example RENAME COLUMN id TO key", "RENAME TABLE dws.example TO dws.other"]
)
def test_a_statement_that_it_cannot_read_is_named(sql: str) -> None:
    with pytest.raises(ValueError, match=r"0002_change\.sql: .*table_facts\.py cannot read"):
        tables([EXAMPLE, Migration("0002_change.sql", sql)])
