"""The role file in a real FAB: what each of our roles opens and may press. ``--long`` fetches FAB."""

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


PAGES = ["boards", "ledger", "messages", "alerts"]
LOOKS = ["read logs", "read code", "see assets"]
OURS: dict[str, tuple[list[str], list[str]]] = {
    "看板": (["boards", "alerts"], []),
    "老板": (PAGES, []),
    "BI": (PAGES, ["see assets"]),
    "分析": (PAGES, LOOKS),
    "值班": (PAGES, ["trigger", "clear", "pause", "resend", *LOOKS]),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_each_role_opens_its_pages_and_presses_no_more_than_docs_say(version: str, tmp_path: Path) -> None:
    python = python_beside(f"fab/{version}", f"apache-airflow-providers-fab=={version}")
    in_fab(python, tmp_path, "airflow", "db", "migrate")
    in_fab(python, tmp_path, "airflow", "roles", "import", str(ROOT / "include/config/airflow_roles.json"))
    said: dict[str, dict[str, Any]] = json.loads(in_fab(python, tmp_path, "tests.support.fab_roles").splitlines()[-1])
    assert {role: (said[role]["pages"], said[role]["presses"]) for role in OURS} == OURS
    nothing = {"dags": False, "views": ["PLUGINS", "WEBSITE"], "menu": [], "more": []}
    assert {name: said["看板"][name] for name in nothing} == nothing
    assert all(said[role]["dags"] for role in OURS if role != "看板")
    assert {role: about["pages"] for role, about in said.items() if role not in OURS} == {
        "Viewer": PAGES,
        "User": PAGES,
        "Op": [*PAGES, "walls"],
        "Admin": [*PAGES, "walls"],
        "Public": [],
    }
