"""Make Airflow's administrator once; a password that was changed since stays. The name and the password come from the
environment, so that they stand in no process list: ``AIRFLOW_ADMIN_USER``, ``AIRFLOW_ADMIN_PASSWORD``."""

from __future__ import annotations

import os

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

name = os.environ.get("AIRFLOW_ADMIN_USER", "admin")
with get_application_builder() as application:
    accounts = application.sm
    if accounts.find_user(username=name) is None:
        role = accounts.find_role("Admin")
        accounts.add_user(name, name, "", f"{name}@localhost", role, os.environ["AIRFLOW_ADMIN_PASSWORD"])
        print(f"✓ 已建立管理员 {name}")
    else:
        print(f"✓ 管理员 {name} 已有，密码不变")
