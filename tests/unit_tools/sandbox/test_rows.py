"""What rows carry, in both dialects."""

from __future__ import annotations

import pytest

from jst.model.module import load_module
from local.sandbox.kinds import KINDS
from tests.support.sandbox_driver import Driver


@pytest.mark.parametrize("shop", ["lived", "open_lived"])
@pytest.mark.parametrize("module", KINDS)
def test_rows_speak_only_of_fields_the_products_spec_knows(
    request: pytest.FixtureRequest, module: str, shop: str
) -> None:
    spec = load_module(module.replace("branch_stock", "inventory"))
    known = set(spec.fields) | spec.ignored | {spec.lines}
    rows = request.getfixturevalue(shop).truth(module)
    assert rows
    assert {name for row in rows for name in row} <= known
    lines = [line for row in rows for line in row.get("items", [])]
    assert {name for line in lines for name in line} <= set(spec.line_fields) | spec.ignored


@pytest.mark.parametrize("module", ["sale_out", "after_sale"])
def test_documents_carry_personal_fields_to_be_dropped(lived: Driver, module: str) -> None:
    personal = {"receiver_name", "receiver_mobile", "receiver_address"}
    assert all(row[name] for row in lived.truth(module) for name in personal)
    assert not personal & set(load_module(module).fields)
