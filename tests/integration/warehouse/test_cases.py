"""Each folder ``cases/<module>/<case>``: batches ``1.ndjson``, ``2.ndjson`` … (the number is also the request's
ticket), perhaps dimensions (``sku.ndjson``, ``shop.ndjson`` …), and what the wide table then shows. Whatever order the
batches come in, also when one of them comes again, and whether or not it was asked first which orders are new."""

from __future__ import annotations

import csv
from itertools import permutations, product
from pathlib import Path

import pytest
from clickhouse_driver import Client

from jst.model.module import load_module, module_names
from jst.warehouse.mart_tables import feeds_marts
from tests.support.warehouse import Warehouse

CASES = sorted(Path(__file__).parent.glob("cases/*/*"))

pytestmark = pytest.mark.clickhouse


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_wide_table(case: Path, client: Client) -> None:
    warehouse = Warehouse(client)
    with (case / "expected.csv").open(encoding="utf-8") as file:
        columns, *expected = csv.reader(file)
    module = case.parent.name
    ways = (False, True) if feeds_marts(load_module(module)) else (False,)
    for order, large in product(permutations(sorted(case.glob("[0-9].ndjson"))), ways):
        warehouse.empty()
        for name in module_names():
            if (case / f"{name}.ndjson").exists():
                warehouse.load(name, "dimension", (case / f"{name}.ndjson").read_text("utf-8").splitlines())
        for path in order + order[:1]:
            lines = path.read_text("utf-8").splitlines()
            warehouse.load(module, path.stem, lines, ticket=int(path.stem), large=large)
        assert _shown(warehouse, module, columns) == sorted(expected), ([path.name for path in order], large)


def _shown(warehouse: Warehouse, module: str, columns: list[str]) -> list[list[str]]:
    texts = ", ".join(f"ifNull(toString({column}), '')" for column in columns)
    return sorted(list(row) for row in warehouse.rows(f"SELECT {texts} FROM {warehouse.wide_table(module)} FINAL"))
