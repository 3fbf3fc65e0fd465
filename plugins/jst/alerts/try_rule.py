"""Try a rule against the past: when it would have fired, and on whom. Nothing is stored and nothing is sent.

``python -m jst.alerts.try_rule sold_out --days 14 [--file my_alerts.yaml]`` with AIRFLOW_CONN_CLICKHOUSE_BOARDS (and
…_MONITORING for metrics of the pipeline), and AIRFLOW_CONN_CLICKHOUSE_DEFAULT for the address. Airflow is not needed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from clickhouse_driver import Client

from jst.alerts.judge import Crossing, judge
from jst.alerts.rule_question import question
from jst.alerts.rules import FILE, Rule, load_rules
from jst.clock import SHANGHAI, SystemClock
from jst.control.alert_book import Open
from jst.errors import JstError, Misconfigured
from jst.metrics.catalogue import load_catalogue

Ask = Callable[[str, str, dict[str, Any]], Sequence[Sequence[Any]]]
"""Login, SQL, parameters → rows."""
_SHOWN = 5


def tried(rule: Rule, ask: Ask, now: datetime, days: int) -> Iterator[tuple[date, list[str], list[str]]]:
    """Yield (day, opened, closed subjects) as the rule would have found them at the end of each of the last ``days``
    days and now. Raises Misconfigured for a rule that asks no metric: only the present knows what it would find."""
    if not rule.values:
        raise Misconfigured(
            f"规则 {rule.name} 不问指标，没有过去可试", do="在页面“告警”里看它开过的事件；只有 ask 的规则可以试"
        )
    standing: list[Open] = []
    for back in range(days, -1, -1):
        day = (now - timedelta(days=back)).astimezone(SHANGHAI).date()
        as_of = min(now, datetime.combine(day, time(23, 59, 59), SHANGHAI))
        asked = question(load_catalogue(), rule, as_of, () if back == 0 else (day,))
        rows = ask(asked.reader, asked.sql, asked.parameters)
        cuts = len(rule.by)
        found = [
            Crossing("|".join(map(str, row[:cuts])), "", Decimal(str(row[cuts])))
            for row in rows
            if row[cuts] is not None
        ]
        changes = judge(rule, found, standing, as_of)
        opened = [each.subject for each in changes.opened]
        # what is calm at the end of a day is over: minutes are not looked at
        gone = {*changes.closed, *changes.calm}
        closed = [each.subject for each in standing if each.id in gone]
        kept = [each for each in standing if each.id not in gone]
        first = max((each.id for each in standing), default=0) + 1
        standing = kept + [Open(first + number, subject, 0, None, 1) for number, subject in enumerate(opened)]
        yield day, opened, closed


def _login(name: str) -> Client:
    """Connect as the login of a connection of Airflow, given by the environment as JSON or as a URI."""
    given, default = _connection(name), _connection("clickhouse_default")
    return Client(
        default.get("host") or given.get("host") or "localhost", port=int(default.get("port") or 9000),
        user=given.get("login") or "", password=given.get("password") or "",
    )  # fmt: skip


def _connection(name: str) -> dict[str, Any]:
    text = os.environ.get(f"AIRFLOW_CONN_{name.upper()}", "").strip()
    if not text:
        raise Misconfigured(f"没有环境变量 AIRFLOW_CONN_{name.upper()}", do="写成 JSON 或 URI，与 Airflow 的连接相同")
    if text.startswith("{"):
        known: dict[str, Any] = json.loads(text)
        return known
    parts = urlsplit(text)
    return {"host": parts.hostname, "port": parts.port, "login": unquote(parts.username or ""),
            "password": unquote(parts.password or "")}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print what a rule would have done, a line per day."""
    parser = argparse.ArgumentParser("jst.alerts.try_rule", description="一条预警规则在过去会怎样")
    parser.add_argument("rule", help="alerts.yaml 里的名字")
    parser.add_argument("--days", type=int, default=7, help="往回多少天，默认 7")
    parser.add_argument("--file", type=Path, default=FILE, help="别的规则文件")
    parser.add_argument("--viewer", default="oncall", help="以哪个账号问，默认 oncall")
    options = parser.parse_args(arguments)
    logins: dict[str, Client] = {}

    def ask(reader: str, sql: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
        client = logins.setdefault(reader, _login(f"clickhouse_{reader}"))
        settings = {"log_comment": options.viewer} if reader == "boards" else {}
        rows: Sequence[Sequence[Any]] = client.execute(sql, parameters, settings=settings)
        return rows

    try:
        rule = load_rules(options.file).by_name.get(options.rule)
        if rule is None:
            raise Misconfigured(f"没有规则 {options.rule}", do=f"写一个：{'、'.join(load_rules(options.file).by_name)}")
        fired = 0
        for day, opened, closed in tried(rule, ask, SystemClock().now(), options.days):
            fired += len(opened)
            print(f"{day}  触发 {_listed(opened)}；恢复 {_listed(closed)}")
        print(f"{rule.title} {rule.name}：{options.days} 天里触发 {fired} 次（按每天结束时看，一天之内的起伏看不到）")
    except JstError as error:
        print(error)
        return 1
    return 0


def _listed(subjects: Sequence[str]) -> str:
    if not subjects:
        return "0 个"
    more = " …" if len(subjects) > _SHOWN else ""
    return f"{len(subjects):,} 个（{'、'.join(subject or '全部' for subject in subjects[:_SHOWN])}{more}）"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
