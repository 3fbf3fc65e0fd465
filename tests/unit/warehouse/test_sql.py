"""Statements are composed of files, and a file that is missing or wrong is named together with the one that asks."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

import jst.warehouse.sql
from jst.errors import Misconfigured
from jst.model.module import INCLUDE
from jst.warehouse.sql import FOLDER, has_statement, modules_with, part, statement


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(jst.warehouse.sql, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    """``a__b`` stands for a/b.sql."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_facts_take_their_places_and_nothing_else_is_touched(folder: Path) -> None:
    write(folder, ask="SELECT {key}, '{account}', {n:UInt8}, 100 %% 7, $1 FROM ods.${module} WHERE a = %(day)s\n")
    expected = "SELECT {key}, '{account}', {n:UInt8}, 100 %% 7, $1 FROM ods.sku WHERE a = %(day)s\n"
    assert statement("ask", module="sku") == expected


def test_a_value_is_never_read_for_places(folder: Path) -> None:
    write(folder, ask="SELECT ${what}")
    assert statement("ask", what="'${module}'") == "SELECT '${module}'"


def test_an_include_brings_its_facts_and_inherits_the_others(folder: Path) -> None:
    write(
        folder,
        ask="SELECT ${include shared/time text=(r).created zone='UTC'} FROM ${module}",
        shared__time="-- How the source writes times.\n-- Two lines of it.\nstamp(${text}, ${zone}, ${module})\n",
    )
    assert statement("ask", module="sku") == "SELECT stamp((r).created, 'UTC', sku) FROM sku"


def test_an_include_has_facts_over_several_lines_and_facts_of_the_one_that_asks(folder: Path) -> None:
    write(
        folder,
        ask="${include frame\n    key=io_id\n    when=a = 1\n        OR b >= 2\n    table=dwd_${module}\n}\n",
        frame="SELECT ${key} FROM ${table} WHERE ${when}",
    )
    assert statement("ask", module="x") == "SELECT io_id FROM dwd_x WHERE a = 1\n        OR b >= 2\n"


def test_includes_include_and_are_named_by_facts(folder: Path) -> None:
    write(folder, ask="${include rows/${rows}}", rows__a="(${include deep/b})", deep__b="${rows}")
    assert statement("ask", rows="a") == "(a)"


def test_a_comment_at_the_end_swallows_nothing(folder: Path) -> None:
    write(folder, ask="SELECT * FROM (${include inner}) LIMIT 1", inner="SELECT 1 -- one")
    assert statement("ask") == "SELECT * FROM (SELECT 1 -- one\n) LIMIT 1"


def test_a_statement_keeps_the_comment_above_it_and_a_part_does_not(folder: Path) -> None:
    write(folder, ask="-- Why.\nSELECT 1\n")
    assert statement("ask") == "-- Why.\nSELECT 1\n"
    assert part("ask") == "SELECT 1"


def test_an_include_of_nothing_names_both_files(folder: Path) -> None:
    write(folder, checks__a="SELECT ${include shared/lost}")
    message = r"没有 include/sql/shared/lost\.sql（include/sql/checks/a\.sql 引用了它）.*新建 include/sql/shared/lost"
    with pytest.raises(Misconfigured, match=message):
        statement("checks/a")


def test_a_circle_is_refused_by_its_path(folder: Path) -> None:
    write(folder, a="${include b}", b="${include c}", c="${include b}")
    with pytest.raises(Misconfigured, match=r"互相引用：b → c → b.*去掉 c\.sql"):
        statement("a")


def test_a_place_without_a_value_names_both_files(folder: Path) -> None:
    write(folder, a="${include b key=1}", b="${kye}")
    with pytest.raises(Misconfigured, match=r"include/sql/b\.sql 里的 \$\{kye\} 没有值（include/sql/a\.sql 引用了它）"):
        statement("a")


@pytest.mark.parametrize("text", ["SELECT ${module FROM x", "SELECT ${include a x={}}", "SELECT ${a ${b c} }"])
def test_a_place_that_is_not_closed_is_refused(folder: Path, text: str) -> None:
    write(folder, a=text)
    with pytest.raises(Misconfigured, match=r"include/sql/a\.sql 里的 \$\{.* 写得不完整"):
        statement("a")


@pytest.mark.parametrize("step", ["load", "widen"])
def test_a_module_without_its_sql_is_told_which_file_to_make(folder: Path, step: str) -> None:
    message = rf"没有 include/sql/modules/barcode/{step}\.sql。处理：新建 .*/{step}\.sql，写法见"
    with pytest.raises(Misconfigured, match=message):
        statement(f"modules/barcode/{step}")


@pytest.mark.parametrize(("old", "step"), [("load", "load"), ("stale", "stale"), ("backfill", "certify")])
def test_sql_in_the_old_layout_is_told_where_it_goes(folder: Path, old: str, step: str) -> None:
    assert not has_statement("barcode", step)
    write(folder, **{f"{old}__barcode": "SELECT 1"})
    message = rf"旧位置 include/sql/{old}/barcode\.sql.*移到 include/sql/modules/barcode/{step}\.sql"
    with pytest.raises(Misconfigured, match=message):
        statement(f"modules/barcode/{step}")
    with pytest.raises(Misconfigured, match=message):
        has_statement("barcode", step)
    write(folder, **{f"modules__barcode__{step}": "SELECT 2"})
    assert has_statement("barcode", step)


def test_modules_are_found_by_what_they_have() -> None:
    assert modules_with("stale") == ["after_sale", "inventory", "sale_out"]
    assert modules_with("touched") == ["after_sale", "sale_out"]


def test_a_person_can_read_a_statement_as_the_server_gets_it() -> None:
    command = [sys.executable, "-m", "jst.warehouse.sql", "reconcile/versions", "module=sku", "key=sku_id", "ts=ts"]
    done = subprocess.run(command, env={"PYTHONPATH": str(INCLUDE.parent / "plugins")}, capture_output=True, check=True)
    assert "FROM dwd.dwd_sku\nWHERE sku_id IN" in done.stdout.decode()


MIGRATED = {
    "clickhouse": ("0066_create_dws_shop_style_week.sql", "9a15f85a54f4d5329671059763f76e69"),
    "postgres": ("0024_create_mart_day.sql", "a78b2a9b8a62c57790b900139b7382e3"),
}
"""The last migration of the layout before this one, and a digest of all up to it."""


@pytest.mark.parametrize("server", MIGRATED)
def test_migrations_that_any_version_applied_keep_name_and_content(server: str) -> None:
    """Both servers remember a file's name and checksum, not its folder: what was applied is not applied again."""
    last, digest = MIGRATED[server]
    applied = [path for path in sorted((INCLUDE / "sql" / "migrations" / server).glob("*.sql")) if path.name <= last]
    told = "\n".join(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in applied)
    assert hashlib.sha256(told.encode()).hexdigest()[:32] == digest


def test_forms_of_codes_are_stored_as_they_are_asked_for() -> None:
    form = part("shared/code_form", of="sku_id")
    for name in ("0073_create_dim_sku_form_feed", "0074_fill_dim_sku_form"):
        assert f"    {form} AS form,\n" in statement(f"migrations/clickhouse/{name}")


def test_every_file_is_asked_for_and_every_name_is_a_file() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (INCLUDE.parent / "plugins").rglob("*.py"))
    sql = "\n".join(path.read_text("utf-8") for path in FOLDER.rglob("*.sql"))
    asked = re.findall(r"""\b(?:statement|part)\(\s*f?["']([^"']+)["']""", code)
    asked += re.findall(r"\$\{include\s+((?:[\w/]|\$\{\w+\})+)", sql)
    names = {re.sub(r"\$?\{[^{}]*\}", "*", name) for name in asked}  # what is filled in may be any name
    files = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.sql")}
    assert [name for name in sorted(names) if not any(fnmatch(file, name) for file in files)] == []
    own = {file for file in files if not file.startswith("migrations/")}
    assert [file for file in sorted(own) if not any(fnmatch(file, name) for name in names)] == []
