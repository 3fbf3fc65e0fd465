"""From Airflow's connections to a look at all alerts."""

from __future__ import annotations

from jst.access.spec import load_access
from jst.airflow.connections import base_address, connection, control_dsn
from jst.alerts.alert_round import AlertRound
from jst.alerts.crossings import Crossings
from jst.alerts.notices import Notices
from jst.alerts.rules import load_rules
from jst.boards.data_marks import MarkReader
from jst.boards.logins import Logins
from jst.boards.scopes import Scopes
from jst.control.alert_book import AlertBook
from jst.control.postgres_migrations import check_schema
from jst.errors import Misconfigured
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.cluster import Warehouse
from jst.wiring import Parts

QUESTION_SECONDS = 10


def alert_round(parts: Parts) -> AlertRound:
    """Build what looks at all alerts, as logins that see no cost. Raises Misconfigured where the control database's
    tables are older than this program."""
    check_schema(parts.database)
    rules, asks = load_rules(), crossings(parts)
    marks = MarkReader(control_dsn, parts.clock)
    return AlertRound(
        rules, asks, marks, AlertBook(parts.database), Notices(parts.database, rules, base_address()), parts.clock
    )


def crossings(parts: Parts) -> Crossings:
    """Build what asks the rules' questions. Raises Misconfigured where access.yaml names no account for them."""

    def login(name: str) -> Warehouse:
        conn = connection(f"clickhouse_{name}")
        return parts.warehouse_as(conn.login, conn.password)

    logins = Logins(login, parts.clock, seconds=QUESTION_SECONDS)
    return Crossings(load_catalogue(), Scopes(logins, parts.clock), viewer(), parts.database)


def viewer() -> str:
    """Return the account that rules are asked as: it sees all shops and no cost. Raises Misconfigured where there is
    none."""
    people = load_access().people
    for account in people.all_shops:
        if account not in people.finance:
            return account
    raise Misconfigured(
        "预警没有账号可用：people.all_shops 里没有一个不是 finance 的账号",
        do="在 include/config/access.yaml 的 people.all_shops 里加一个，例如 oncall，五分钟内生效",
    )
