"""The page 告警: the ledger's first line, what is open, silenced and over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jst.alerts.rules import SEVERITIES, Rule, Rules
from jst.boards import page
from jst.control import degradation, troubles
from jst.control.alert_book import LEDGER
from jst.control.shown_incident import ShownIncident
from jst.control.silences import AlertSilence
from jst.errors import JstError
from jst.ledger.facts import Ledger
from jst.ledger.finding import Finding
from jst.ledger.findings import SAID_CHECKS, away, findings, headline
from jst.ledger.words_page import words_page
from jst.model.check_facts import KINDS

FOLDER = Path(__file__).parent / "assets"
SHOWN = 50
"""So many incidents of a rule are listed; the others are counted."""
_ENGLISH = {"critical": "Critical", "warn": "Warning", "info": "Note"}


@dataclass
class RuleIncidents:
    """The open incidents of a rule; those that are ``recovering`` are no longer bad, and closed in a moment."""

    rule: Rule
    incidents: list[ShownIncident] = field(default_factory=list)
    recovering: bool = False

    @property
    def urgent(self) -> bool:
        return self.rule.severity == "critical" and not self.recovering


@dataclass(frozen=True, slots=True)
class AlertsView:
    """What one person sees; ``first``: the ledger's first line, None for who may not open that page."""

    first: Finding | None
    open: Sequence[RuleIncidents]
    silenced: Sequence[ShownIncident]
    silences: Sequence[AlertSilence]
    closed: Sequence[ShownIncident]


def first_line(look: Ledger | JstError) -> Finding:
    """Return what the ledger says first: one function for both pages, so that they never disagree."""
    return away(look) if isinstance(look, JstError) else headline(look, findings(look))


def view(
    rules: Rules, look: Ledger | JstError | None, standing: Sequence[ShownIncident],
    silences: Sequence[AlertSilence], closed: Sequence[ShownIncident],
) -> AlertsView:  # fmt: skip
    """Sort incidents: by rule, the critical ones first; what is silenced apart. ``look``: what the ledger says, None
    for who may not open it."""
    first = None if look is None else first_line(look)
    groups: dict[tuple[str, bool], RuleIncidents] = {}
    silenced = []
    for each in standing:
        rule = rules.of(each.kind, each.module)
        if any(silence.covers(rule.name, each.subject) for silence in silences):
            silenced.append(each)
            continue
        over = first is not None and first.level == "good" and _is_said_by_the_ledger(each)
        groups.setdefault((rule.name, over), RuleIncidents(rule, recovering=over)).incidents.append(each)
    order = list(SEVERITIES)
    found = sorted(groups.values(), key=lambda group: (group.recovering, order.index(group.rule.severity)))
    return AlertsView(first, found, silenced, silences, closed)


def _is_said_by_the_ledger(each: ShownIncident) -> bool:
    """Say whether the ledger sees by itself that an incident is over, seconds before it is closed."""
    return each.kind in (LEDGER, degradation.INCIDENT, troubles.INCIDENT) or (
        each.kind in KINDS.values() and each.subject in SAID_CHECKS
    )


def alerts_page(shown: AlertsView, rules: Rules, lang: str, *, may_silence: bool, rule: str = "") -> str:
    """Render it; ``rule``: the one a link asks for, whose incidents are folded out."""
    return words_page(
        FOLDER / "alerts.html", lang, f"boards/files/{page.VERSION}", view=shown, may_silence=may_silence, asked=rule,
        rules=rules, shown=SHOWN, severities=_ENGLISH if lang == "en" else SEVERITIES,
    )  # fmt: skip
