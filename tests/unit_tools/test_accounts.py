"""The accounts of ``make up`` can log in with what it prints, and are known to who decides about shops."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from jst.access.spec import load_access
from local import report
from local.accounts import ACCOUNTS
from local.layout import SANDBOX_WORKBOOK, Layout, Ports, Secrets
from local.services import airflow


def test_each_is_printed_with_the_password_that_airflow_has(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports(), Secrets())
    nothing_seen: Any = None
    airflow.migrate_database(layout).prepare()
    kept = json.loads((airflow.home(layout) / "passwords.json").read_text("utf-8"))
    lines = list(islice(report.welcome(layout, nothing_seen), 1 + len(ACCOUNTS)))
    assert {line.split()[1]: line.split()[3] for line in lines[1:]} == kept
    assert len(set(kept.values())) == len(ACCOUNTS)
    users = airflow.environment(layout)["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert users == "admin:admin,oncall:user,finance:boards,buyer:boards,li.na:boards"


def test_access_knows_them_by_these_names() -> None:
    people, sheet = load_access().people, openpyxl.load_workbook(SANDBOX_WORKBOOK)["店铺"]
    owned = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True) if row[3] == "li.na"]
    assert len(owned) > 1, "a shop owner of several shops has something to choose"
    assert {"admin", "finance"} == set(people.finance)
    assert {"admin", "finance", "oncall", "push"} == set(people.all_shops)
    assert {"admin", "buyer"} == set(people.buyers)
