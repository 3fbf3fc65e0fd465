"""Airflow's simple auth manager with one role more, for business accounts on one machine; a cluster has FAB's roles."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.common.types import MenuItem

ROLE = "boards"


class BoardsAuthManager(SimpleAuthManager):
    """Lets role ``boards`` see pages of plugins and nothing else: all other rights go through ``_is_authorized``."""

    def is_authorized_view(self, *, access_view: AccessView, user: SimpleAuthManagerUser) -> bool:
        if user.role == ROLE:
            return access_view is AccessView.PLUGINS
        return super().is_authorized_view(access_view=access_view, user=user)

    def filter_authorized_menu_items(
        self, menu_items: list[MenuItem], *, user: SimpleAuthManagerUser
    ) -> list[MenuItem]:
        return [] if user.role == ROLE else super().filter_authorized_menu_items(menu_items, user=user)

    @staticmethod
    def _is_authorized(*, user: SimpleAuthManagerUser, **asked: Any) -> bool:
        return user.role != ROLE and SimpleAuthManager._is_authorized(user=user, **asked)
