"""Which answers are shared by all viewers: those of tables that access.yaml shows to everybody, and no others."""

from __future__ import annotations

import os
from pathlib import Path

from jst.access.spec import SPEC
from jst.boards.board_spec import load_boards
from jst.boards.shared_rows import SharedRows
from jst.metrics.catalogue import load_catalogue

STOCK = "dws.dws_inventory: {rows: known,"


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))  # as a file that is saved a moment later


def test_boards_of_stock_and_of_operation_are_for_all_and_those_of_sales_are_not() -> None:
    shared = SharedRows(load_catalogue())
    assert [board.id for board in load_boards().values() if shared.on(board)] == ["stock", "pipeline"]


def test_a_table_that_becomes_the_shops_is_shared_no_longer(tmp_path: Path) -> None:
    spec, stock = tmp_path / "access.yaml", load_boards()["stock"]
    text = SPEC.read_text("utf-8")
    write(spec, text)
    shared = SharedRows(load_catalogue(), spec)
    assert shared.on(stock)
    write(spec, text.replace(STOCK, STOCK.replace("known", "shop")))
    assert not shared.on(stock)
    write(spec, "tables: nonsense")
    assert not shared.on(stock)
    write(spec, text)
    assert shared.on(stock)
