"""Who may ask for replenishment plans: the board decides, since business accounts may start no DAG in Airflow."""

from __future__ import annotations

from typing import Any

from jst.access.spec import WALL_PREFIX
from jst.boards.board_spec import Words
from jst.boards.scopes import Scope

BOARD = "stock_warning"
MAY_NOT: Words = {
    "zh": "补货计划只给采购角色：请管理员在 access.yaml 的 buyers 里加上您的账号，五分钟内生效",
    "en": "Plans are for role buyer: ask the administrator to put your account under buyers in access.yaml",
}


def may_plan(scope: Scope) -> bool:
    """Say whether who has this scope may ask for plans and see them."""
    return "buyer" in scope.roles


def plan_shape(board_id: str, viewer: str, scope: Scope, lang: str) -> dict[str, Any]:
    """Describe the button of plans to the page; nothing on other boards, and on a wall, where no person stands."""
    if board_id != BOARD or viewer.startswith(WALL_PREFIX):
        return {}
    return {"plan": {"may": may_plan(scope), "words": "" if may_plan(scope) else MAY_NOT[lang]}}
