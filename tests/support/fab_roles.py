"""FAB's auth manager with our roles: what each role may open, as JSON. Run by an interpreter that has the provider.

``python -m tests.support.fab_roles``, with AIRFLOW_HOME and the rest of Airflow's settings in the environment.
"""

from __future__ import annotations

import json
from typing import Any

METHODS = ("GET", "POST", "PUT", "DELETE")
OTHERS = ("is_authorized_view", "is_authorized_hitl_task", "is_authorized_team", "is_authorized_custom_view")


def rights(manager: Any, user: Any) -> dict[str, Any]:
    """Return the pages and views of an account, what it may press, whether it sees DAGs, its menu, and all else."""
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
    from airflow.api_fastapi.common.types import MenuItem

    from jst.airflow.page_rights import may_open, sees_dags

    entity, dag = DagAccessEntity, manager.is_authorized_dag
    presses = {
        "trigger": dag(method="POST", access_entity=entity.RUN, user=user),
        "clear": dag(method="PUT", access_entity=entity.TASK_INSTANCE, user=user),
        "pause": dag(method="PUT", user=user),
        "resend": may_open("resend", user),
        "delete a DAG": dag(method="DELETE", user=user),
        "delete a run": dag(method="DELETE", access_entity=entity.RUN, user=user),
        "read logs": dag(method="GET", access_entity=entity.TASK_LOGS, user=user),
        "read code": dag(method="GET", access_entity=entity.CODE, user=user),
        "see assets": manager.is_authorized_asset(method="GET", user=user),
        "make an asset's event": manager.is_authorized_asset(method="POST", user=user),
        "see connections": manager.is_authorized_connection(method="GET", user=user),
        "see variables": manager.is_authorized_variable(method="GET", user=user),
        "change pools": manager.is_authorized_pool(method="PUT", user=user),
        "see settings": manager.is_authorized_configuration(method="GET", user=user),
    }
    asked = [name for name in dir(manager) if name.startswith("is_authorized_") and name not in OTHERS]
    return {
        "pages": [page for page in ("boards", "ledger", "messages", "alerts", "walls") if may_open(page, user)],
        "presses": [name for name, may in presses.items() if may],
        "dags": sees_dags(user),
        "views": [view.name for view in AccessView if manager.is_authorized_view(access_view=view, user=user)],
        "menu": [item.value for item in manager.filter_authorized_menu_items(list(MenuItem), user=user)],
        "more": [f"{name} {how}" for name in asked for how in METHODS if getattr(manager, name)(method=how, user=user)],
    }


def main() -> None:
    from airflow.api_fastapi.app import init_auth_manager
    from airflow.providers.fab.www.app import create_app  # type: ignore[import-not-found]

    manager = init_auth_manager()
    said = {}
    with create_app(enable_plugins=False).app_context():
        security = manager.security_manager  # type: ignore[attr-defined]
        for role in ("看板", "老板", "BI", "分析", "值班", "Viewer", "User", "Op", "Admin", "Public"):
            security.add_user(f"of.{role}", role, role, f"{role}@example.com", security.find_role(role), "x")
            said[role] = rights(manager, security.find_user(f"of.{role}"))
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main()
