"""The routes of the page 告警: who sees the runs of all DAGs sees all of it, others what concerns their own account."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Annotated

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from jst.airflow.boards_app import language
from jst.airflow.page_rights import may_open, own_form, shown_again, user_for
from jst.airflow.pools import missing_pools
from jst.alerts.alerts_page import alerts_page, view
from jst.alerts.rules import load_rules
from jst.boards import page
from jst.clock import Clock
from jst.control.database import Database
from jst.control.incident_list import IncidentList
from jst.control.silences import Silences
from jst.ledger import page_html
from jst.ledger.ledger_reader import LedgerReader, schema_errors
from jst.messages.channels import UNOWNED, caretaker

MOST_HOURS = 720.0
Viewer = Annotated[BaseUser, Depends(user_for("alerts"))]


class AlertRoutes:
    """The routes /jst/alerts; each opens a connection of its own for its moment."""

    def __init__(self, dsn: Callable[[], str], clock: Clock) -> None:
        self._dsn, self._clock = dsn, clock
        self._ledger = LedgerReader(dsn, page_html.content, clock, missing_pools)

    def router(self) -> APIRouter:
        """Build the router."""
        router = APIRouter()
        router.add_api_route("/alerts", self.listed, methods=["GET"])
        router.add_api_route("/alerts", self.changed, methods=["POST"])
        return router

    def listed(self, request: Request, viewer: Viewer, rule: str = "") -> Response:
        """Show what is open, silenced and over."""
        sees_all, now = may_open("ledger", viewer), self._clock.now()
        with closing(Database(self._dsn(), patience=0.0)) as database, schema_errors():
            known = IncidentList(database, None if sees_all else _owners(viewer.get_name()))
            look = self._ledger.look() if sees_all else None
            shown = view(load_rules(), look, known.open(), Silences(database).standing(now), known.closed(now))
        body = alerts_page(shown, load_rules(), language(request), may_silence=sees_all, rule=rule)
        return HTMLResponse(body, headers=dict(page.FORM_HEADERS))

    def changed(self, request: Request, viewer: Viewer, said: Annotated[dict[str, str], Depends(own_form)]) -> Response:
        """Acknowledge, silence, or lift a silence."""
        sees_all, now, by = may_open("ledger", viewer), self._clock.now(), viewer.get_name()
        with closing(Database(self._dsn(), patience=0.0)) as database, schema_errors():
            if said.get("do") == "acknowledge":
                ids = [int(number) for number in said.get("ids", "").split(",") if number.isdecimal()]
                IncidentList(database, None if sees_all else _owners(by)).acknowledge(ids, by, now)
            elif not sees_all:
                raise HTTPException(403, "静默由能看运行记录的账号设置")
            elif said.get("do") == "silence":
                until = now + timedelta(hours=_hours(said))
                rule, reason = said.get("rule", ""), said.get("reason", "").strip()
                if rule not in load_rules().by_name or not reason:
                    raise HTTPException(400, "静默要有规则与原因")
                Silences(database).make(rule, said.get("subject", "").strip(), reason, by, now, until)
            elif said.get("do") == "lift" and said.get("silence", "").isdecimal():
                Silences(database).lift(int(said["silence"]), by, now)
        return shown_again(request)


def _owners(account: str) -> list[str]:
    """List the owners whose incidents an account gets."""
    return [account, UNOWNED] if account == caretaker() else [account]


def _hours(said: dict[str, str]) -> float:
    try:
        hours = float(said.get("hours", ""))
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise HTTPException(400, f"小时数要在 0 与 {MOST_HOURS:.0f} 之间")
    return hours
