"""What the ledger says of each module: the cards of the page, and the lines of ``make status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jst.control.load_progress import Progress
from jst.ledger import titles
from jst.ledger.facts import Ledger
from jst.ledger.feed_findings import behind
from jst.ledger.finding import Finding, Level
from jst.ledger.rows import BatchRow, DegradationRow, HoldRow, WaitingRow, WatermarkRow
from jst.model.module import module_names
from jst.model.words import PlanState

_ORDER: tuple[PlanState, ...] = ("proven", "excepted", "loaded", "pulled", "planned", "open")


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """One module. ``level``: of what there is to say about it, ``lag``: of the age of the newest that can be seen
    (``visible``); ``waiting``: windows that are not settled; ``letters`` to be re-driven, and ``parked`` ones."""

    name: str
    title: str
    live: bool
    level: Level
    lag: Level
    read: WatermarkRow | None
    visible: WatermarkRow | None
    complete: WatermarkRow | None
    states: Sequence[tuple[str, int]]
    batches: Sequence[BatchRow]
    hold: HoldRow | None
    first_load: Progress | None
    degraded: DegradationRow | None
    waiting: Sequence[WaitingRow]
    letters: int
    parked: int


def module_cards(ledger: Ledger, found: Sequence[Finding]) -> list[ModuleCard]:
    """Build a card of every module: live feeds first, then dimensions."""
    marks = {(mark.module, mark.kind): mark for mark in ledger.facts.marks}
    levels: dict[str, Level] = {}
    for each in found:  # the worst comes first; what is folded leaves a card green
        for module in each.modules if each.level != "note" else ():
            levels.setdefault(module, each.level)
    cards = [_card(name, ledger, marks, levels.get(name, "good")) for name in module_names()]
    return sorted(cards, key=lambda card: (not card.live, card.read is None))


def _card(name: str, ledger: Ledger, marks: dict[tuple[str, str], WatermarkRow], level: Level) -> ModuleCard:
    facts = ledger.facts
    read, visible, complete = (marks.get((name, kind)) for kind in ("read", "visible", "complete"))
    degraded = next((each for each in facts.degradations if each.module == name and each.until is None), None)
    counted = Counter({each.state: each.windows for each in ledger.settled if each.module == name})
    waiting = [each for each in facts.waiting if each.module == name]
    for each in waiting:
        counted[each.state] += each.windows
    letters = Counter[str]()
    for group in facts.letters:
        letters[group.state] += group.letters if group.module == name else 0
    loads = {load.module: load for load in ledger.first_loads}
    hold = next((hold for hold in facts.holds if hold.module == name), None)
    return ModuleCard(
        name=name,
        title=titles.title(name),
        live=read is not None and read.live,
        level=level,
        lag="good" if visible is None else behind(visible, degraded=degraded is not None),
        read=read,
        visible=visible,
        complete=complete,
        states=[(state, counted[state]) for state in _ORDER if counted[state]],
        batches=[batch for batch in facts.batches if batch.module == name],
        hold=hold,
        first_load=loads.get(name),
        degraded=degraded,
        waiting=waiting,
        letters=letters["open"],
        parked=letters["parked"],
    )
