"""Airflow's own runs are deleted by its own command."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


def test_airflows_command_is_found_without_a_path(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from jst.airflow.operators.housekeeping import CleanRunsOperator

    where = {"conn_type": "postgres", "host": "db", "login": "airflow", "password": "p@ss", "schema": "airflow"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_METADATA", json.dumps(where))
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> SimpleNamespace:
        seen.append((command, env))
        return SimpleNamespace(stdout="", returncode=0)

    monkeypatch.setattr("subprocess.run", run)
    CleanRunsOperator(task_id="clean_runs").execute({})
    ((program, *arguments), environment) = seen[0]
    assert Path(program).is_file()
    assert arguments[:4] == ["-m", "airflow", "db", "clean"]
    assert "p%40ss" in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert not any("p@ss" in each or "p%40ss" in each for each in arguments)
