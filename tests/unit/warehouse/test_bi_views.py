"""The data sets' files: what is refused of them, and what holds of all of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from jst.access.spec import load_access
from jst.errors import Misconfigured
from jst.model.module import INCLUDE
from jst.warehouse.bi_views import bi_views

VIEWS = {view.name: view for view in bi_views()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts.pop("sql"), r"仓库|warehouse\.yaml 的 \$ 不对.*sql"),
        (lambda facts: facts["dimensions"].update(province="省`份"), r"warehouse\.yaml.*dimensions\.province"),
        (lambda facts: facts["measures"].update(version="省份"), r"warehouse\.yaml 里的 省份 写了两次"),
    ],
)
def test_a_wrong_file_is_named_with_the_key(tmp_path: Path, change: Callable[[dict[str, Any]], Any], said: str) -> None:
    config = tmp_path / "config"
    shutil.copytree(INCLUDE / "config", config)
    path = config / "lingyang" / "warehouse.yaml"
    facts = yaml.safe_load(path.read_text("utf-8"))
    change(facts)
    path.write_text(yaml.safe_dump(facts, allow_unicode=True), "utf-8")
    with pytest.raises(Misconfigured, match=said):
        bi_views(config)


def test_a_view_is_made_of_its_file() -> None:
    made = VIEWS["warehouse"].create({"仓库编号": "Int64", "仓库名称": "String", "省份": "LowCardinality(String)"})
    assert "CREATE OR REPLACE VIEW bi.warehouse\n" in made
    assert "`省份` LowCardinality(String) COMMENT '省份'" in made
    assert "wms_co_id AS `仓库编号`" in made
    assert made.rstrip().endswith("COMMENT '仓库'")


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_a_quotient_is_not_cut_after_the_cents(view: Any) -> None:
    assert [name for name, formula in view.computed.items() if "/" in formula and "* 1.0" not in formula] == []


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_a_formula_knows_every_name_it_uses(view: Any) -> None:
    used = {name for formula in view.computed.values() for name in re.findall(r"\[(.+?)\]", formula)}
    assert used <= set(view.columns)
    assert set(view.notes) <= set(view.columns)


def test_who_may_see_a_view_is_said_of_each() -> None:
    """Rows by shop wherever there is a shop; cost for finance only."""
    said = {table.name: table for table in load_access().tables if table.name.startswith("bi.")}
    assert set(said) == {f"bi.{name}" for name in VIEWS}
    for name, view in VIEWS.items():
        table = said[f"bi.{name}"]
        assert table.rows == ("shop" if "店铺编号" in view.columns else "known"), name
        assert table.finance == bool({"cost_price", "stock_value"} & set(view.columns.values())), name
        assert table.day in ("", *view.columns), name
