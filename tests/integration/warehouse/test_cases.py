"""Each folder in ``cases``: batches ``1.ndjson``, ``2.ndjson`` … (the number is also the request's ticket), perhaps
``sku.ndjson``, and what the wide table then shows. Whatever order the batches come in, and also when one of
them comes again."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import pytest

from tests.integration.warehouse.loading import Warehouse

CASES = sorted(Path(__file__).parent.joinpath("cases").iterdir())

pytestmark = pytest.mark.clickhouse


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_wide_table(case: Path, warehouse: Warehouse) -> None:
    with (case / "expected.csv").open(encoding="utf-8") as file:
        columns, *expected = csv.reader(file)
    batches = sorted(case.glob("[0-9].ndjson"))
    if (case / "sku.ndjson").exists():
        warehouse.load("sku", "sku", (case / "sku.ndjson").read_text("utf-8").splitlines())
    for order in permutations(batches):
        for table in ("ods.sale_out", "dwd.dwd_sale_out", "dws.dws_sale_out"):
            warehouse.client.execute(f"TRUNCATE TABLE {table}")
        for path in order + order[:1]:
            warehouse.load("sale_out", path.stem, path.read_text("utf-8").splitlines(), ticket=int(path.stem))
        assert _shown(warehouse, columns) == expected, [path.name for path in order]


def _shown(warehouse: Warehouse, columns: list[str]) -> list[list[str]]:
    texts = ", ".join(f"ifNull(toString({column}), '')" for column in columns)
    rows = warehouse.rows(f"SELECT {texts} FROM dws.dws_sale_out FINAL ORDER BY io_id, line_id")
    return [list(row) for row in rows]
