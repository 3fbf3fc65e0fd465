"""What the commands know of the modules (the ledger, the rows of their tables, loads under way), and when a life of the
stack has read every one of them."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from jst.control.database import Database
from jst.control.holds import STOPPED, Holds
from jst.control.load_progress import Progress, gaps, progress
from jst.errors import JstError
from jst.ledger.cards import ModuleCard, module_cards
from jst.ledger.facts import Ledger, read
from jst.ledger.findings import findings
from jst.ledger.ledger_reader import schema_errors
from jst.ledger.titles import advice, title
from jst.model.module import INCLUDE, load_module, module_names
from local.layout import Layout
from local.services import clickhouse, postgres

_REFRESHED_EVERY = 600.0
_EACH_FEEDS_OWN = re.compile(r"^任务 \S+ 失败：|（(?:模块|接口|request_id) [^（）]*）$")
"""Which task failed, at which request: what makes one cause look like three."""
_TABLES = "SELECT name, database FROM system.tables WHERE database IN ('dws', 'dim') FORMAT TSV"


@dataclass(frozen=True)
class Look:
    """``ledger``: or why there is none; by module: ``rows`` of its table, none where ClickHouse cannot say, its
    ``first_loads`` and the ``gaps`` being worked off."""

    ledger: Ledger | JstError
    rows: Mapping[str, int] = field(default_factory=dict)
    first_loads: Mapping[str, Progress] = field(default_factory=dict)
    gaps: Mapping[str, Progress] = field(default_factory=dict)

    def cards(self) -> dict[str, ModuleCard]:
        """Return module → what the ledger says of it; empty without a ledger."""
        if isinstance(self.ledger, JstError):
            return {}
        return {card.name: card for card in module_cards(self.ledger, findings(self.ledger))}


def look(layout: Layout) -> Look:
    """Ask both databases. Never raises: what cannot be asked stays unknown."""
    rows = _rows(layout)
    try:
        with Database(postgres.control_dsn(layout), patience=0.0) as database, schema_errors():
            return Look(
                read(database, module_names()),
                rows,
                {load.module: load for load in progress(database)},
                {gap.module: gap for gap in gaps(database)},
            )
    except JstError as error:
        return Look(error, rows)


def in_use() -> list[str]:
    """Modules with a feed of their own, and dimensions that are loaded."""
    return [name for name in module_names() if is_live(name) or _load_sql_exists(name)]


def is_live(module: str) -> bool:
    """Whether it has a DAG of its own; else it is a dimension."""
    return load_module(module).role == "live"


def missing(seen: Look, since: float) -> dict[str, str]:
    """Return module → what it still owes a stack that started at ``since`` (Unix s); those that work are left out."""
    cards = seen.cards()
    owed = {
        name: owes(cards.get(name), seen.rows.get(name), seen.first_loads.get(name), since, live=is_live(name))
        for name in in_use()
    }
    return {name: what for name, what in owed.items() if what}


def stopped(seen: Look, owed: Mapping[str, str]) -> list[str]:
    """Return a sentence for each cause for which feeds wait for a person, once nothing else can go on: every live feed
    has stopped, or everything that is ``owed`` has. Empty while there is hope."""
    if isinstance(seen.ledger, JstError):
        return []
    hopeless = {each.module for each in seen.ledger.facts.incidents if each.kind == STOPPED}
    held = {hold.module: hold.reason for hold in seen.ledger.facts.holds if hold.module in hopeless}
    if not held or not (held.keys() >= owed.keys() or held.keys() >= set(filter(is_live, in_use()))):
        return []
    causes: dict[str, list[str]] = {}
    for module, reason in held.items():
        what, do = advice(reason)
        causes.setdefault(f"{_EACH_FEEDS_OWN.sub('', what)}。处理：{do}", []).append(title(module))
    return [f"{'、'.join(titles)}：{cause}" for cause, titles in causes.items()]


def lift_holds(layout: Layout) -> None:
    """Let every feed try at once: a person has just started the stack, perhaps with what it waited for."""
    with suppress(JstError), Database(postgres.control_dsn(layout)) as database:
        Holds(database).lift()


def owes(card: ModuleCard | None, rows: int | None, first_load: Progress | None, since: float, *, live: bool) -> str:
    """Return what one module owes; empty when it works. ``card``: None while the control database is away."""
    if live:
        return _live_owes(card, rows, since)
    return _dimension_owes(card, first_load, since)


def _live_owes(card: ModuleCard | None, rows: int | None, since: float) -> str:
    if card is None or not _is_read_to(card, since):
        return "等待第一次读取"
    brought = any(batch.carried for batch in card.batches) or any(each.state == "pulled" for each in card.waiting)
    return "" if rows or not brought else "等待第一批装载"


def _dimension_owes(card: ModuleCard | None, first_load: Progress | None, since: float) -> str:
    if card is None:
        return "维表装载中"
    # its history may take long where the source is asked slowly; what is new comes every 5 minutes
    loaded = any(batch.state not in ("planned", "pulled") for batch in card.batches)
    begun = loaded or (first_load is not None and _is_marked(card))
    if not begun or any(each.state != "open" and each.origin != "initial" for each in card.waiting):
        return "维表装载中"
    # what the source only lists has no watermark
    return "" if not _is_marked(card) or _is_read_to(card, since - _REFRESHED_EVERY) else "维表装载中"


def _is_marked(card: ModuleCard) -> bool:
    return card.read is not None or card.complete is not None


def _is_read_to(card: ModuleCard, moment: float) -> bool:
    return card.read is not None and card.read.value.timestamp() >= moment


def _load_sql_exists(module: str) -> bool:
    return (INCLUDE / "sql" / "modules" / module / "load.sql").exists()


def _rows(layout: Layout) -> dict[str, int]:
    """Return module → rows of its wide table or dimension."""
    tables = dict(line.split("\t") for line in _ask(layout, _TABLES).splitlines())
    counts = [f"SELECT '{name}', count() FROM {database}.{name} FINAL" for name, database in tables.items()]
    lines = _ask(layout, f"{' UNION ALL '.join(counts)} FORMAT TSV").splitlines() if counts else ()
    return {name.partition("_")[2]: int(count) for name, count in (line.split("\t") for line in lines)}


def _ask(layout: Layout, statement: str) -> str:
    """Return the answer as text; empty when there is none."""
    request = urllib.request.Request(
        f"{clickhouse.http_url(layout)}/?{urllib.parse.urlencode({'query': statement})}",
        headers={"X-ClickHouse-User": "etl", "X-ClickHouse-Key": layout.secrets.clickhouse("etl")},
    )
    try:
        with urllib.request.urlopen(request, timeout=10.0) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
