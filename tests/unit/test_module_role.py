"""Whether a module has a feed of its own, and what a record needs, is said by its file; an older file without the lines
works as it always did."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import pytest

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, load_module, modules_of


def test_the_files_say_which_modules_are_live() -> None:
    assert [module.name for module in modules_of("live")] == ["after_sale", "inventory", "sale_out"]
    assert [module.name for module in modules_of("dimension")] == ["shop", "sku", "warehouse"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the module files, none of which says its role, beside a folder of DAGs."""
    shutil.copytree(INCLUDE / "config", tmp_path / "include" / "config")
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "jst_sale_out.py").touch()
    for path in (tmp_path / "include" / "config" / "modules").glob("*.yaml"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("role:")), "utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "role"), [("sale_out", "live"), ("sku", "dimension")])
def test_without_the_line_a_dag_of_its_own_makes_a_module_live(
    project: Path, caplog: pytest.LogCaptureFixture, name: str, role: str
) -> None:
    folder = project / "include" / "config"
    with caplog.at_level(logging.WARNING):
        assert load_module(name, folder).role == load_module(name, folder).role == role
    (warning,) = caplog.messages
    assert f"{folder}/modules/{name}.yaml" in warning
    assert f"role: {role}" in warning


def test_needed_names_fields_of_the_module_and_without_it_every_field_is(project: Path) -> None:
    folder = project / "include" / "config"
    path = folder / "modules" / "sale_out.yaml"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"needed:\n(?:  - .*\n)+", "", text), "utf-8")
    older = load_module("sale_out", folder)
    assert older.needed == {*older.fields, *(f"items.{name}" for name in older.line_fields)}
    load_module.cache_clear()
    path.write_text(text.replace("- items.qty", "- item.qty"), "utf-8")
    with pytest.raises(Misconfigured, match=r"sale_out\.yaml 的 needed 里的 item\.qty 不是它的字段"):
        load_module("sale_out", folder)
