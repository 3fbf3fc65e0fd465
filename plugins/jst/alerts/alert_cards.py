"""The words of a card: what is new of one rule for its owners, however many subjects that are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from jst.alerts.rules import ESCALATION_CHANNEL, SEVERITIES, Rule
from jst.boards.board_spec import load_boards
from jst.control.alert_book import ALERT
from jst.control.shown_incident import ShownIncident
from jst.ledger.titles import lasting
from jst.messages.channels import UNOWNED, caretaker
from jst.messages.message import Message
from jst.messages.message import Severity as Colour

MOST_LINES, MOST_FILTERS = 20, 10
USEFUL = timedelta(hours=12)
"""How long a card is worth sending after it was made."""
SEARCHED = ("sku_id", "i_id")
"""Cuts that boards do not filter by; the tables of the page search for the one a card is about."""
_COLOURS: dict[str, Colour] = {"critical": "critical", "warn": "warning", "info": "info"}
_PRIORITIES = {"critical": 0, "warn": 1, "info": 2}


@dataclass
class News:
    """What is new of a rule for an owner."""

    opened: list[ShownIncident] = field(default_factory=list)
    worse: list[ShownIncident] = field(default_factory=list)
    closed: list[ShownIncident] = field(default_factory=list)

    @property
    def all(self) -> list[ShownIncident]:
        return [*self.opened, *self.worse, *self.closed]

    def add(self, each: ShownIncident) -> None:
        if each.closed_at is not None:
            self.closed.append(each)
        else:
            (self.opened if each.said_at is None else self.worse).append(each)


def card(rule: Rule, owners: Sequence[str], news: News, base: str, now: datetime) -> Message:
    """Write a card for ``owners``, whose news are the same. ``base``: the address of Airflow, for the links."""
    over = not news.opened and not news.worse
    counts = [("新增", news.opened), ("加重", news.worse), ("恢复", news.closed)]
    said = "，".join(f"{word} {len(found):,} 项" for word, found in counts if found)
    lines = [*_listed(news.opened), *_listed(news.worse, "加重："), *_over(news.closed)]
    if owners != [rule.owner]:
        lines.append(f"负责人：{'、'.join(owners)}")
    if UNOWNED in owners:
        lines.append(f"{UNOWNED}：店铺工作簿里没有写负责人，由 {caretaker()} 代收")
    if not over:
        lines.append(f"处理：{rule.do or news.all[0].do}")
    page = alerts_address(base, rule)
    lines.append(f"[确认或静默]({page})" if not over else f"[告警]({page})")
    return Message(
        channel=rule.channel,
        kind="incident",
        subject=rule.name,  # of one subject nothing overtakes what came before: an end would stand before its beginning
        slot=f"{now.isoformat()} {'、'.join(owners)}",
        until=now + USEFUL,
        title=f"【{'恢复' if over else SEVERITIES[rule.severity]}】{rule.title}：{said}",
        lines=tuple(lines),
        link=board_address(base, rule, news.all) if rule.board else page,
        link_title="打开看板" if rule.board else "打开告警",
        severity="good" if over else _COLOURS[rule.severity],
        mentions=_mentions(owners),
        priority=_PRIORITIES[rule.severity],
        reference=_reference(news.all),
    )


def escalation(rule: Rule, owner: str, standing: Sequence[ShownIncident], base: str, now: datetime) -> Message:
    """Write the SMS of what no person has acknowledged."""
    since = min(each.said_at or each.opened_at for each in standing)
    first = standing[0].what if len(standing) == 1 else f"{len(standing):,} 项，第一项：{standing[0].what}"
    return Message(
        channel=ESCALATION_CHANNEL,
        kind="incident",
        subject=f"{rule.name}/{owner}/escalation",
        slot=now.isoformat(),
        until=now + USEFUL,
        title=f"{rule.title}，{lasting((now - since).total_seconds())}没有人确认",
        lines=(first, f"处理：{rule.do}"),
        link=alerts_address(base, rule),
        link_title="打开告警",
        severity="critical",
        mentions=_mentions([owner]),
        priority=0,
        reference=_reference(standing),
    )


def alerts_address(base: str, rule: Rule) -> str:
    """Return where the page 告警 shows a rule's incidents."""
    return f"{base}/jst/alerts?{urlencode({'rule': rule.name})}"


def board_address(base: str, rule: Rule, of: Sequence[ShownIncident]) -> str:
    """Return the rule's board, filtered to what the incidents are about, unless that is more than one reads."""
    filters: dict[str, list[str]] = {}
    for name in load_boards()[rule.board].filters:
        values = list(dict.fromkeys(str(each.keys[name]) for each in of if name in each.keys))
        if 0 < len(values) <= MOST_FILTERS:
            filters[name] = values
    if len(of) == 1 and rule.by and rule.by[-1] in SEARCHED:
        filters["find"] = [of[0].subject.rpartition("|")[2]]
    query = f"?{urlencode(filters, doseq=True)}" if filters else ""
    return f"{base}/jst/boards/{rule.board}{query}"


def subject_of(each: ShownIncident) -> str:
    """Return what an incident is about, without the figures of its opening."""
    return each.what.partition("：")[0] if each.kind == ALERT else each.what


def _mentions(owners: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(caretaker() if owner == UNOWNED else owner for owner in owners))


def _listed(found: Sequence[ShownIncident], word: str = "") -> list[str]:
    return [f"- {word}{each.what}" for each in found[:MOST_LINES]] + _rest(found)


def _over(found: Sequence[ShownIncident]) -> list[str]:
    return [f"- 已恢复：{subject_of(each)}，历时 {lasting(each.seconds)}" for each in found[:MOST_LINES]] + _rest(found)


def _rest(found: Sequence[ShownIncident]) -> list[str]:
    return [f"- 另有 {len(found) - MOST_LINES:,} 项，见“告警”"] if len(found) > MOST_LINES else []


def _reference(of: Sequence[ShownIncident]) -> str:
    first, last = min(each.id for each in of), max(each.id for each in of)
    return str(first) if first == last else f"{first}…{last}"
