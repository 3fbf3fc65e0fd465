"""The operators of ``lingyang_daily_push``: one edition each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.access.quick_bi import QuickBi, QuickBiSettings
from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import parts_from_connections
from jst.airflow.push_parts import push_of
from jst.airflow.push_trigger import DayFinishedTrigger
from jst.clock import SHANGHAI
from jst.control.subscription_runs import SubscriptionRuns
from jst.errors import Misconfigured
from jst.push.daily_push import DailyPush, Over
from jst.push.editions import load_push
from jst.push.subscription import Subscription

if TYPE_CHECKING:
    from airflow.sdk import Context


def due_on(context: Context) -> date:
    """Return the day of Shanghai on which the editions of a run are due; of one by hand, the day it was asked for."""
    run = context["dag_run"]
    moment: datetime = run.logical_date or run.run_after
    return moment.astimezone(SHANGHAI).date()


class EditionOperator(BaseOperator):
    """What the tasks of an edition have in common. ``edition``: its name in push.yaml."""

    def __init__(self, *, edition: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.edition = edition

    @contextmanager
    def push(self, context: Context) -> Iterator[DailyPush]:
        """Wire the edition. Raises AirflowSkipException on days on which it does not go out, on days after, and in a
        run that began when it was over: the group has its word, and an installation's first run is not red."""
        on, plan = due_on(context), load_push()
        if self.edition in plan.editions and not plan.editions[self.edition].is_due(on):
            raise AirflowSkipException(f"{plan.editions[self.edition].title}不在 {on} 发")
        with parts_from_connections() as parts:
            push = push_of(parts, self.edition, on)
            try:
                yield push
            except Over as over:
                began: datetime | None = context["dag_run"].start_date
                if over.is_past or (began is not None and began >= push.ends):
                    raise AirflowSkipException(str(over)) from over
                raise


class SayLateOperator(EditionOperator):
    """Say at once when the edition is late: which module, why, since when."""

    def execute(self, context: Context) -> dict[str, int]:
        with self.push(context) as push:
            return {"late": len(push.say_late())}


class WaitForDaySensor(EditionOperator):
    """Wait in the triggerer until the edition's day is certified and complete. Raises Over when it is of no use."""

    def execute(self, context: Context) -> None:
        self.look(context)

    def look(self, context: Context, event: Any = None) -> None:
        """Look, and wait where there is something missing; the trigger says no more than that another look is worth
        it."""
        with self.push(context) as push:
            if push.can_go():
                return
        self.defer(trigger=DayFinishedTrigger(self.edition, due_on(context).isoformat()), method_name="look")


class SendEditionOperator(EditionOperator):
    """Take the pictures, write the text, and put both into the outbox, once."""

    def execute(self, context: Context) -> dict[str, bool]:
        with self.push(context) as push:
            return {"put": push.send()}


class RunSubscriptionOperator(EditionOperator):
    """Run 瓴羊BI's own subscription, once, and watch what comes of it; skipped while push.yaml names none."""

    def execute(self, context: Context) -> dict[str, int]:
        plan = load_push()
        if not plan.mail_id:
            raise AirflowSkipException("push.yaml 的 quick_bi.mail_id 空着：不运行瓴羊BI 的订阅")
        conn = connection_if_any("quick_bi_default")
        if conn is None:
            raise Misconfigured(
                "push.yaml 写了瓴羊BI 的订阅，但没有连接 quick_bi_default",
                do="按 docs/lingyang.md 建立连接，再清除任务",
            )
        settings = QuickBiSettings.from_connection(
            conn.host or "", conn.login or "", conn.password or "", conn.extra_dejson
        )
        with self.push(context) as push, parts_from_connections() as parts:
            bi, runs = QuickBi(settings, parts.clock), SubscriptionRuns(parts.database)
            task = Subscription(bi, runs, plan.mail_id, parts.clock).run(f"{self.edition} {push.span.last}")
        return {"task": task}
