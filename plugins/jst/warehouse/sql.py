"""Where the SQL lives, and the settings every write is made with."""

from __future__ import annotations

from functools import cache

from jst.model.module import INCLUDE

FOLDER = INCLUDE / "sql"

# Defaults of these moved between ClickHouse 25 and 26. An insert must be on disk when it returns, and an equal block
# must not be dropped as a repetition: labels that go back to what they were are an equal block.
INSERT_SETTINGS: dict[str, int | str] = {
    "async_insert": 0,
    "insert_deduplicate": 0,
    "deduplicate_insert": "disable",
    "deduplicate_insert_select": "disable",
    "max_partitions_per_insert_block": 0,  # a batch with orders of very many months would be refused for ever
}

# A handful of rows is planned and run faster by one thread: a fifth less of both time and processor.
ONE_THREAD: dict[str, int | str] = {"max_threads": 1}


@cache
def statement(name: str) -> str:
    """Text of ``include/sql/<name>.sql``."""
    return (FOLDER / f"{name}.sql").read_text("utf-8")
