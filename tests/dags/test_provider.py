"""Airflow finds the connection type 聚水潭, and its form says what the code reads."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from jst.erp.connection_settings import DIALECTS, EXTRA, Settings

ROOT = Path(__file__).parents[2]
_LOOK = """
import json, sys
before = set(sys.modules)
from jst.airflow.provider_info import get_provider_info
print(json.dumps([sorted(set(sys.modules) - before), get_provider_info()]))
"""
KIND = "jushuitan"
FILLED = {
    "dialect": "openapi", "timeout_seconds": 30, "verify": "true", "quotas": {"second": 5, "minute": 90},
    "proxy": "http://user:word@proxy:3128", "params": {"sale_out": {"shop_type": 2}},
    "stock": "per_warehouse",
}  # fmt: skip


@pytest.fixture(scope="module")
def form(dags: dict[str, Any]) -> dict[str, Any]:
    """The form of connection type ``jushuitan`` as the api-server hands it to the browser."""
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    (found,) = (meta for meta in HookMetaService.hook_meta_data() if meta.connection_type == "jushuitan")
    return found.model_dump()


def test_the_form_has_a_field_for_everything_the_code_reads(form: dict[str, Any]) -> None:
    assert (form["hook_name"], form["hook_class_name"]) == ("聚水潭 Jushuitan", "jst.airflow.hooks.JushuitanHook")
    fields = form["extra_fields"]
    assert tuple(fields) == EXTRA
    assert tuple(fields["dialect"]["schema"]["enum"]) == DIALECTS
    bounds = fields["timeout_seconds"]["schema"]
    assert (bounds["minimum"], bounds["maximum"]) == (1, 300)
    assert all("null" in field["schema"]["type"] for field in fields.values())  # what is left empty is no error
    assert form["standard_fields"]["url_schema"]["hidden"]
    assert form["standard_fields"]["host"]["placeholder"].startswith("https://")


def read(monkeypatch: pytest.MonkeyPatch, connection: Any) -> Settings:
    """Read a connection as the button 测试连接 does: Airflow writes it into the environment as a URI."""
    from jst.airflow.hooks import JushuitanHook

    monkeypatch.setenv("AIRFLOW_CONN_TRANSIENT", connection.get_uri())
    return JushuitanHook("transient").settings()


@pytest.mark.parametrize(
    "extra", [{}, dict.fromkeys(EXTRA), dict.fromkeys(EXTRA, ""), FILLED, {**FILLED, "proxy": None}]
)
def test_the_form_means_what_json_and_uri_mean(
    dags: dict[str, Any], extra: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models import Connection

    fields: dict[str, Any] = {
        "host": "https://erp.example.com/base",
        "port": 443,
        "login": "app",
        "password": "s@cret/1",
    }
    entered = Connection(conn_id="own", conn_type="jushuitan", extra=json.dumps(extra), **fields)
    given = {name: value for name, value in extra.items() if value}
    assert read(monkeypatch, entered) == Settings.from_connection(fields["host"], 443, None, "app", "s@cret/1", given)


def test_a_connection_made_as_generic_before_works_as_before(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models import Connection

    fields: dict[str, Any] = {"host": "erp.example.com", "login": "app", "password": "secret"}
    made = [Connection(conn_id="own", conn_type=kind, extra=json.dumps(FILLED), **fields) for kind in ("generic", KIND)]
    assert read(monkeypatch, made[0]) == read(monkeypatch, made[1])


def test_every_module_it_names_is_there_and_none_is_left_out(dags: dict[str, Any]) -> None:
    from jst.airflow.provider_info import get_provider_info

    info = get_provider_info()
    named = {kind: info[kind][0]["python-modules"] for kind in ("hooks", "operators", "sensors", "triggers", "bundles")}
    for name in chain.from_iterable(named.values()):
        importlib.import_module(name)
    operators = (ROOT / "plugins/jst/airflow/operators").glob("*.py")
    assert {name.rpartition(".")[2] for name in named["operators"]} | {"__init__", "module_operator"} == {
        path.stem for path in operators
    }


def test_finding_it_loads_nothing_of_ours() -> None:
    """Every component of Airflow asks for it, also each task."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOK], cwd=ROOT / "plugins", capture_output=True, text=True, check=True
    )
    loaded, info = json.loads(done.stdout)
    assert [name for name in loaded if name.startswith("jst")] == ["jst", "jst.airflow", "jst.airflow.provider_info"]
    assert info["connection-types"][0]["connection-type"] == "jushuitan"


def test_a_plugins_folder_is_the_same_provider_as_the_package() -> None:
    """``plugins/jst_lingyang.dist-info`` says what an installer writes for the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (found,) = metadata.distributions(path=[str(ROOT / "plugins")])
    assert (found.name, found.version) == (project["name"], project["version"])
    points = {point.name: point.value for point in found.entry_points}
    assert points == project["entry-points"]["apache_airflow_provider"]
