"""Whom a shop concerns: the one place that messages of every kind ask."""

from __future__ import annotations

from jst.boards.panel_question import MONITORING
from jst.boards.scopes import Ask
from jst.warehouse.sql import statement


def shop_owners(ask: Ask) -> dict[int, list[str]]:
    """Return shop → accounts, as the workbook in force says; a shop that concerns no account is left out. Asked as the
    login that sees nothing of the business. Raises Retry when ClickHouse is away."""
    owners: dict[int, list[str]] = {}
    for shop, account in ask(MONITORING, "", statement("messages/owners"), {}):
        owners.setdefault(int(shop), []).append(str(account))
    return owners
