"""Put what is to be said about incidents into the outbox: once, and never for what is silenced or in quiet hours.

A notice is made of the rows, and the rows are marked in the same transaction: killed before its commit nothing was
said, after it everything was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from jst.alerts.alert_cards import News, card, escalation
from jst.alerts.rules import ESCALATION_CHANNEL, SELLERS, SHOP, Rule, Rules
from jst.control.database import Cursor, Database
from jst.control.shown_incident import ShownIncident
from jst.control.silences import AlertSilence, silences_within
from jst.control.untold import (
    mark_escalated,
    mark_said,
    rules_said,
    settle_silently,
    unacknowledged,
    untold,
)
from jst.ledger.findings import SAID_CHECKS
from jst.messages.channels import UNOWNED
from jst.messages.outbox import put_within
from jst.model.check_facts import KINDS

GATHER = timedelta(seconds=30)
"""After a card of a rule the next ones wait for so long, and say everything that happened meanwhile."""


class Notices:
    """Says what the incidents of all kinds have to say; ``base``: the address of Airflow, for links."""

    def __init__(self, database: Database, rules: Rules, base: str) -> None:
        self._db, self._rules, self._base = database, rules, base

    def say(self, now: datetime) -> int:
        """Put the cards of everything unsaid into the outbox, and SMS of what no person has acknowledged; returns how
        many messages that are."""
        return self._db.transaction(lambda cur: self._cards(cur, now) + self._escalations(cur, now))

    def _cards(self, cur: Cursor, now: datetime) -> int:
        waiting = untold(cur)
        if not waiting:
            return 0
        silences, said_at = silences_within(cur, now), rules_said(cur)
        news: dict[tuple[str, str], News] = {}
        rules: dict[str, Rule] = {}
        settled, said = [], []
        for each in waiting:
            rule = self._rules.of(each.kind, each.module)
            # an SMS calls a person, who sees the end on the page: each costs, and few are allowed in a day
            if each.closed_at is not None and (each.said_at is None or rule.channel == ESCALATION_CHANNEL):
                settled.append(each.id)
            elif not _is_hushed(rule, each, silences, now) and now - said_at.get(rule.name, now - GATHER) >= GATHER:
                rules[rule.name] = rule
                said.append(each.id)
                for owner in owners_of(rule, each):
                    news.setdefault((rule.name, owner), News()).add(each)
        cards = _together(news)
        for (name, _), (owners, found) in cards.items():
            put_within(cur, card(rules[name], owners, found, self._base, now))
        settle_silently(cur, settled, now)
        mark_said(cur, said, rules, now)
        return len(cards)

    def _escalations(self, cur: Cursor, now: datetime) -> int:
        count = 0
        silences = None
        for rule in self._rules.by_name.values():
            if rule.escalate_minutes is None or rule.severity != "critical" or rule.is_quiet_at(now):
                continue
            before = now - timedelta(minutes=rule.escalate_minutes)
            standing = unacknowledged(cur, rule.incidents, [rule.name], before)
            if standing and silences is None:
                silences = silences_within(cur, now)
            standing = [each for each in standing if not _is_silenced(rule, each, silences or [])]
            by_owner: dict[str, list[ShownIncident]] = {}
            for each in standing:
                for owner in owners_of(rule, each):
                    by_owner.setdefault(owner, []).append(each)
            for owner, found in by_owner.items():
                put_within(cur, escalation(rule, owner, found, self._base, now))
            mark_escalated(cur, [each.id for each in standing], now)
            count += len(by_owner)
        return count


def _together(
    news: Mapping[tuple[str, str], News],
) -> Mapping[tuple[str, tuple[int, ...]], tuple[list[str], News]]:
    """Give owners who would read the same words one card: what is sold in nine shops stands in the group once."""
    cards: dict[tuple[str, tuple[int, ...]], tuple[list[str], News]] = {}
    for (name, owner), found in news.items():
        cards.setdefault((name, tuple(each.id for each in found.all)), ([], found))[0].append(owner)
    return cards


def owners_of(rule: Rule, each: ShownIncident) -> Sequence[str]:
    """Return whom an incident concerns: accounts, or the list of what belongs to no person."""
    return each.owners or ([UNOWNED] if rule.owner in (SHOP, SELLERS) else [rule.owner])


def _is_hushed(rule: Rule, each: ShownIncident, silences: Sequence[AlertSilence], now: datetime) -> bool:
    """Say whether nothing of an incident is said now. That one is over is said in a silence, too: it ends what was said
    before. What the ledger says better, as it heals at once there, is left to it."""
    if each.kind in KINDS.values() and each.subject in SAID_CHECKS:
        return True
    return rule.is_quiet_at(now) or (each.closed_at is None and _is_silenced(rule, each, silences))


def _is_silenced(rule: Rule, each: ShownIncident, silences: Sequence[AlertSilence]) -> bool:
    return any(silence.covers(rule.name, each.subject) for silence in silences)
