"""The ledger as HTML: a whole page once, and its content again every few seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from jst.control.load_progress import Progress
from jst.errors import JstError, Retry
from jst.ledger import titles
from jst.ledger.calendar import days
from jst.ledger.facts import BatchRow, CheckRow, DegradationRow, HoldRow, Ledger, OpenWindowRow, WatermarkRow
from jst.ledger.findings import Finding, Level, behind, findings, headline
from jst.model.check_facts import Check, load_checks
from jst.model.module import module_names

FOLDER = Path(__file__).parent / "assets"
FILES = ("ledger.css", "theme.js", "ledger.js", "icon.svg", "icon-dark.svg")
_ORDER = ("proven", "excepted", "loaded", "pulled", "planned", "open")


@dataclass(frozen=True, slots=True)
class Card:
    """One module: what stands on its card. ``level``: of what there is to say about it, ``lag``: of its lag alone."""

    name: str
    title: str
    live: bool
    level: Level
    lag: Level
    read: WatermarkRow | None
    complete: WatermarkRow | None
    states: Sequence[tuple[str, int]]
    batches: Sequence[BatchRow]
    hold: HoldRow | None
    first_load: Progress | None
    degraded: DegradationRow | None


def whole(body: str) -> str:
    """The page somebody opens; ``body``: its content."""
    return _template("page.html").render(body=body, version=_version())


def content(look: Ledger | JstError) -> str:
    """What changes; with an error only that it has no fresh data, and why."""
    if isinstance(look, JstError):
        wait = "检查 PostgreSQL 是否在运行、连接 jst_ops 是否正确；恢复后本页自己继续"
        do = wait if isinstance(look, Retry) else look.do
        return _template("away.html").render(finding=Finding("bad", f"账本没有新数据：{look.what}", do))
    found = findings(look)
    cards = list(_cards(look, found))
    return _template("content.html").render(
        now=look.now,
        headline=headline(look, found),
        findings=found,
        all=cards,
        cards=groupby((card for card in cards if card.read is not None), key=lambda card: card.live),
        facts=look.facts,
        open=_open(look),
        days=days(look),
        checks=list(_checks(look)),
    )


def _cards(ledger: Ledger, found: Sequence[Finding]) -> Iterator[Card]:
    """Live feeds first, then dimensions."""
    marks = {(mark.module, mark.kind): mark for mark in ledger.facts.marks}
    levels: dict[str, Level] = {each.module: each.level for each in reversed(found)}
    cards = [_card(name, ledger, marks, levels.get(name, "good")) for name in module_names()]
    yield from sorted(cards, key=lambda card: (not card.live, card.read is None))


def _card(name: str, ledger: Ledger, marks: dict[tuple[str, str], WatermarkRow], level: Level) -> Card:
    facts, read, complete = ledger.facts, marks.get((name, "read")), marks.get((name, "complete"))
    counted = Counter({each.state: each.windows for each in ledger.settled if each.module == name})
    for each in facts.waiting:
        counted[each.state] += each.windows if each.module == name else 0
    loads = {load.module: load for load in ledger.first_loads}
    hold = next((hold for hold in facts.holds if hold.module == name), None)
    return Card(
        name=name,
        title=titles.title(name),
        live=read is not None and read.live,
        level=level,
        lag="good" if read is None else behind(read),
        read=read,
        complete=complete,
        states=[(state, counted[state]) for state in _ORDER if counted[state]],
        batches=[batch for batch in facts.batches if batch.module == name],
        hold=hold,
        first_load=loads.get(name),
        degraded=next((each for each in facts.degradations if each.module == name and each.until is None), None),
    )


def _open(ledger: Ledger) -> Sequence[tuple[str, int, Sequence[OpenWindowRow]]]:
    """Module, how many windows of it are open, and the oldest of them."""
    by_module: dict[str, list[OpenWindowRow]] = {}
    for each in ledger.facts.open:
        by_module.setdefault(each.module, []).append(each)
    return [(name, listed[0].windows, listed) for name, listed in by_module.items()]


def _checks(ledger: Ledger) -> Iterator[tuple[Check, CheckRow]]:
    """Those that were looked at, what was found first."""
    found = {each.name: each for each in ledger.facts.checks}
    known = [(check, found[check.name]) for check in load_checks() if check.name in found]
    yield from sorted(known, key=lambda pair: (pair[1].found == 0, pair[0].severity == "warn"))


def _run(dag_id: str, run_id: str = "") -> str:
    """Where Airflow shows a DAG or a run, as seen from the page; a plan of a first load has no run of its own."""
    of_run = f"/runs/{quote(run_id, safe='')}" if run_id and run_id != dag_id else ""
    return f"../dags/{quote(dag_id, safe='')}{of_run}"


@cache
def _template(name: str) -> Template:
    files = FileSystemLoader(FOLDER)
    environment = Environment(
        loader=files, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"lasting": titles.lasting, "amount": titles.amount, "run": _run}
    environment.globals |= {"titles": titles}
    return environment.get_template(name)


@cache
def _version() -> str:
    """Browsers keep the files; another content has another address."""
    return blake2b(b"".join((FOLDER / name).read_bytes() for name in FILES), digest_size=6).hexdigest()
