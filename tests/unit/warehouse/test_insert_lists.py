"""Values of an INSERT … SELECT go by position: every item says which column it fills, and the lists agree."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import jst.warehouse.sql
from jst.model.module import module_names
from jst.model.words import stock_facts
from jst.warehouse.sql import FOLDER, statement
from tests.support.insert_lists import insert_list

TEMPLATES = {"standby/copy"}
"""Both lists are one fact."""
INSERTS = sorted(
    name
    for name in (path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.sql"))
    if not name.startswith("migrations/")
    and name not in TEMPLATES
    and insert_list((FOLDER / f"{name}.sql").read_text("utf-8"))
)


def test_every_module_is_looked_at() -> None:
    assert {f"modules/{module}/{step}" for module in module_names() for step in ("load", "widen")} <= set(INSERTS)


@pytest.mark.parametrize("name", INSERTS)
def test_every_item_fills_the_column_it_says(name: str) -> None:
    read = insert_list(statement(name, **stock_facts("total", "total")))
    assert read
    assert list(read.differences()) == []


def test_the_template_of_a_new_module_says_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = Path(__file__).parents[2] / "integration" / "flow" / "sixth_module" / "include" / "sql"
    for folder in (FOLDER, template):
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(jst.warehouse.sql, "FOLDER", tmp_path)
    for step in ("load", "widen"):
        read = insert_list(statement(f"modules/barcode/{step}"))
        assert read
        assert list(read.differences()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("line_paid, -- paid_amount", "line_freight, -- freight_amount"),
        ("warehouse_label, -- warehouse_name", "ifNull(toHour(io_date), 0), -- biz_hour"),
        ("sku.category, ", "sku.brand,"),
    ],
)
def test_two_items_that_change_places_are_seen(one: str, other: str) -> None:
    sql = statement("modules/sale_out/widen")
    assert sql.count(one) == sql.count(other) == 1
    read = insert_list(sql.replace(one, "\0").replace(other, one).replace("\0", other))
    assert read
    assert len(list(read.differences())) == 2


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ("a, b", []),
        ("t.a, tupleElement(r, 'b')", []),
        ("r['a'], f(x, y) AS b", []),
        ("f(a, b), -- a\n    g(a) -- b", []),
        ("a, -- a\n    -- b, in words\n    2 -- b", []),
        ("a", ["2 columns, 1 items"]),
        ("a, f(b)", ["item 2 fills b: f(b) must say so: put it on a line with -- b"]),
        ("a, x", ["item 2 fills b: x says it is x"]),
        ("b, -- b\n    a", ["item 1 fills a: b says it is b", "item 2 fills b: a says it is a"]),
        ("a, f(\n        x -- b\n    )", ["item 2 fills b: f( x ) must say so: put it on a line with -- b"]),
        (
            "a, -- b\n    0",
            ["item 1 fills a: a says it is b", "item 2 fills b: 0 must say so: put it on a line with -- b"],
        ),
    ],
)
def test_what_is_said(items: str, found: list[str]) -> None:
    read = insert_list(
        f"-- INSERT INTO\nINSERT INTO t (a, b)\nWITH x AS (SELECT 1 FROM y)\nSELECT\n    {items}\nFROM t\n"
    )
    assert read
    assert list(read.differences()) == found
