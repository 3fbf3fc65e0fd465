"""The role file in a real FAB: business accounts open 看板 alone there, too. ``--long`` fetches FAB."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.layout import ROOT
from tests.support.python_beside import python_beside
from tests.support.search_depth import DEPTH

pytestmark = pytest.mark.search
VERSIONS = ("3.10.2",)[: DEPTH.of(0, 1)]


def in_fab(python: Path, home: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__API__SECRET_KEY": "not-a-secret-of-anybody",
        "AIRFLOW__API_AUTH__JWT_SECRET": "n" * 64,
    }
    done = subprocess.run(
        [python, "-m", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_a_business_account_opens_the_boards_and_nothing_else(version: str, tmp_path: Path) -> None:
    python = python_beside(f"fab/{version}", f"apache-airflow-providers-fab=={version}")
    in_fab(python, tmp_path, "airflow", "db", "migrate")
    in_fab(python, tmp_path, "airflow", "roles", "import", str(ROOT / "include/config/airflow_roles.json"))
    said: dict[str, dict[str, Any]] = json.loads(in_fab(python, tmp_path, "tests.support.fab_roles").splitlines()[-1])
    assert said["看板"] == {"pages": ["boards"], "dags": False, "views": ["PLUGINS", "WEBSITE"], "menu": [], "more": []}
    assert {role: about["pages"] for role, about in said.items() if role != "看板"} == {
        "Viewer": ["boards", "ledger"],
        "User": ["boards", "ledger"],
        "Op": ["boards", "ledger", "walls"],
        "Admin": ["boards", "ledger", "walls"],
        "Public": [],
    }
