"""What the commands print: processes with their memory, modules with their watermarks, addresses and logins."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import psutil

from jst.clock import SHANGHAI
from jst.control.degradation import in_batches
from jst.errors import JstError
from jst.ledger.cards import ModuleCard
from jst.ledger.findings import away, findings, headline
from jst.ledger.rows import DegradationRow, HoldRow, NodeRow
from jst.ledger.titles import named, reason_of
from jst.model.words import NODE_STATE_TITLES
from local.accounts import ACCOUNTS, ADMIN
from local.first_cycle import Look, in_use, is_live, look
from local.layout import HOST, Layout
from local.services import airflow, clickhouse, kafka, monitoring, postgres, source
from local.supervise.state import Process, State

_LATE_SECONDS = 60.0
_MARKS = {"bad": "✗", "warn": "!", "note": "·", "good": "✓"}
_STATES = {"starting": "启动中", "running": "运行中", "restarting": "重启中", "down": "已停止"}


def status(layout: Layout, state: State | None, alive: bool) -> Iterator[str]:
    """Say a line per process, then what the system remembers."""
    yield f"{pad('进程', 24)}{pad('PID', 9)}{pad('状态', 22)}{pad('内存 PSS', 12)}运行时长"
    total = 0
    for name, process in (state.processes if state else {}).items():
        pss = _pss(process.pid) if alive else 0
        total += pss
        yield _line(name, process, pss, alive)
    if state is None:
        yield "（尚未启动过：运行 make up）"
    elif not alive:
        yield "全部已停止：运行 make up 启动"
    else:
        total += (own := sum(_pss(pid) for pid in _guards(state)))
        yield f"{pad('监管进程', 24)}{pad(str(state.supervisor), 9)}{pad('运行中', 22)}{pad(_mb(own), 12)}"
        yield f"{pad('合计', 55)}{_mb(total)}"
    yield ""
    if alive:
        yield from remembered(look(layout))


def remembered(seen: Look) -> Iterator[str]:
    """Say a line per module, one per ClickHouse node where there are two, then what needs a person."""
    yield from modules(seen)
    if isinstance(seen.ledger, JstError):
        yield f"✗ {away(seen.ledger)}"
        return
    yield from (f"ClickHouse 节点 {node(row)}" for row in seen.ledger.facts.nodes)
    found = findings(seen.ledger)
    first = headline(seen.ledger, found)
    yield from (f"{_MARKS[each.level]} {each}" for each in ([first] if first.level == "good" else []) + found)


def modules(seen: Look) -> Iterator[str]:
    """Say rows, watermarks and freshness of every module, its first load or gap, letters, and why it holds back."""
    cards = seen.cards()
    for name in in_use():
        card = cards.get(name)
        facts = [f"{seen.rows[name]:,} 行"] if name in seen.rows else []
        facts += _watermarks(card) if card else []
        yield f"模块 {named(name)}：" + ("，".join(facts) or "尚未读取")
        if name in seen.first_loads:
            yield f"    {seen.first_loads[name]}"
        if card and (card.letters or card.parked):
            yield f"    死信：待重投 {card.letters} 条，搁置 {card.parked} 条"
        if name in seen.gaps:
            yield f"    {seen.gaps[name]}"
        if card and card.degraded:
            yield f"    ! {degraded(card.degraded)}"
        if card and card.read and card.read.windows_only:
            yield "    源端只按窗口回答，不按主键回答：不必处理"
        if card and card.hold:
            yield f"    ✗ {paused(card.hold)}：{card.hold.reason}"


def _watermarks(card: ModuleCard) -> Iterator[str]:
    marks = ((card.read, "读水位 read watermark"), (card.complete, "完整水位 complete watermark"))
    for mark, name in marks:
        if mark is not None:
            why = f"（{reason_of(mark.reason)}）" if mark.reason and mark.age > _LATE_SECONDS else ""
            yield f"{name} {mark.value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}{why}"
    if card.visible is not None:
        age, late = card.visible.age, "" if card.lag == "good" else f"{_MARKS[card.lag]} "
        yield f"{late}新鲜度 freshness {age:.0f} 秒" if is_live(card.name) else f"{_duration(age)}前读到最新"


def paused(hold: HoldRow) -> str:
    """Say until when a feed holds back."""
    return f"已暂停，{hold.until.astimezone(SHANGHAI):%H:%M:%S} 自动重试"


def node(row: NodeRow) -> str:
    """Say the state of one ClickHouse node, since when, and why."""
    why, since = row.reason or row.proof, row.changed_at.astimezone(SHANGHAI)
    return f"{row.node} {NODE_STATE_TITLES[row.state]} {row.state}，{since:%F %T} 起{f'（{why}）' if why else ''}"


def degraded(row: DegradationRow) -> str:
    """Say since when and why a live feed comes in batches, and when the next one does."""
    return in_batches(row.since, row.reason, row.clean, row.due_at)


def welcome(layout: Layout, seen: Look) -> Iterator[str]:
    """Say what one needs to know once the stack is up."""
    yield f"Airflow   {airflow.url(layout)}"
    for account in ACCOUNTS:
        yield f"          用户 {account.name:8} 密码 {account.password(layout.secrets)}  {account.title}"
    if not source.is_own():
        yield f"消息      http://{HOST}:{layout.ports.erp}/sandbox/messages/page  钉钉、飞书、短信里会看到的"
    if monitoring.is_wanted():
        yield f"监控      {' · '.join(monitoring.addresses(layout).values())}"
    yield from modules(seen)
    if source.lacks_workbook():
        yield "店铺表    还没有：店铺没有费率与负责人，名称用 ERP 的；照 include/config/shops.example.xlsx 填写"
    yield "其他命令  make status · make logs · make env · make down"


def environment(layout: Layout, *, sandbox: bool) -> dict[str, str]:
    """Every address and credential of the stack by its ``JST_…`` name."""
    ports, secrets = layout.ports, layout.secrets
    found = {
        "JST_AIRFLOW_URL": airflow.url(layout),
        "JST_AIRFLOW_USER": ADMIN,
        "JST_AIRFLOW_PASSWORD": secrets.airflow_admin,
        "JST_CLICKHOUSE_HTTP": clickhouse.http_url(layout),
        **clickhouse.environment(layout),
        "JST_DIALECT": source.chosen_dialect(layout),
        "JST_CLICKHOUSE_BI_PASSWORD": secrets.clickhouse("lingyang_bi"),
        "JST_CLICKHOUSE_FINANCE_PASSWORD": secrets.clickhouse("lingyang_finance"),
        "JST_KAFKA": kafka.bootstrap_servers(layout),
        "JST_CONTROL_DSN": postgres.control_dsn(layout),
    }
    if sandbox:
        found |= {
            "JST_ERP_URL": f"http://{HOST}:{ports.erp}",
            "JST_ERP_APP_KEY": source.APP_KEY,
            "JST_ERP_SECRET": secrets.erp,
        }
    else:
        found |= _own_erp()
    return found


def _own_erp() -> dict[str, str]:
    """Return the address of a connection given from outside, where it is written as JSON; its secret is not ours to
    print."""
    try:
        connection = json.loads(os.environ.get(source.CONNECTION, "{}"))
    except ValueError:
        return {}
    return {"JST_ERP_URL": str(connection["host"])} if "host" in connection else {}


def _line(name: str, process: Process, pss: int, alive: bool) -> str:
    state = _STATES[process.state] if alive else "已停止"
    if process.restarts:
        state += f"（重启过 {process.restarts} 次）"
    up = _duration(time.time() - process.since) if alive and process.pid else "–"
    pid = str(process.pid) if alive and process.pid else "–"
    return f"{pad(name, 24)}{pad(pid, 9)}{pad(state, 22)}{pad(_mb(pss) if pss else '–', 12)}{up}"


def _guards(state: State) -> list[int]:
    try:
        return [state.supervisor, psutil.Process(state.supervisor).ppid()]
    except psutil.NoSuchProcess:
        return []


def _pss(pid: int) -> int:
    """Proportional memory in bytes of a process, and of its descendants unless it is the supervisor."""
    try:
        top = psutil.Process(pid)
        family = [top] if "local.supervise.supervisor" in top.cmdline() else [top, *top.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_own_pss, family))


def _own_pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def _mb(size: int) -> str:
    return f"{size / 1024**2:.0f} MB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分 {rest} 秒"


def pad(text: str, width: int) -> str:
    """Pad to a width in terminal cells; a Chinese character takes two."""
    cells = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
    return text + " " * max(1, width - cells)
