"""What the robot's stand-in saw of a simulation, compared with what the world was like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.alerts.alert_world import QUIET, AlertSimulation, Episode
from jst.clock import SHANGHAI
from local.sandbox.messengers.room import Seen

REPEATED, OVER = "（可能是重复发送）", "已恢复："
ON_ITS_WAY = timedelta(minutes=1)
"""So long a card may travel."""
AFTER_FAULT, AFTER_KILL = timedelta(minutes=11), timedelta(minutes=2)
"""So long a robot that answered badly, or a killed sender, holds cards up: five minutes, and half a minute, and what
has gathered."""
SURELY_SAID = timedelta(seconds=90)
_TITLE = re.compile(r"【.+】(\w+)：")


@dataclass(frozen=True)
class Card:
    """A card of a rule as people saw it: lines of what opened, subjects of what is over, whom it called."""

    rule: str
    at: datetime
    opened: list[str]
    over: list[str]
    called: list[str]
    repeated: bool
    text: str


@dataclass
class Verdict:
    """What a simulation showed. Figures first, ``slowest`` ones in seconds; everything from ``missed`` on has to be
    0."""

    episodes: int
    cards: int = 0
    repeated: int = 0
    slowest: float = 0.0
    slowest_in_trouble: float = 0.0
    missed: int = 0
    opened_twice: int = 0
    without_an_end: int = 0
    ended_twice: int = 0
    wrong_mentions: int = 0
    in_quiet_hours: int = 0
    in_silence: int = 0
    left_over: int = 0


@dataclass
class GroupKnows:
    """What each owner was told, by rule, subject and account: what stands, when a line was first seen, and from which
    episode's beginning to which moment the subject was said."""

    standing: dict[tuple[str, str, str], Episode] = field(default_factory=dict)
    first: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    spans: dict[tuple[str, str, str], list[tuple[datetime, datetime]]] = field(default_factory=dict)


def cards_of(seen: list[Seen]) -> Iterator[Card]:
    """Read the cards of rules; those that say that the robot is unwell are of none."""
    for each in seen:
        found = _TITLE.search(f"{each.title}\n{each.text}")
        if found and found[1] != "robot":
            lines = [line[2:] for line in each.text.splitlines() if line.startswith("- ")]
            yield Card(
                found[1],
                datetime.fromtimestamp(each.at, SHANGHAI),
                [line for line in lines if not line.startswith(OVER)],
                [line.removeprefix(OVER).partition("，")[0] for line in lines if line.startswith(OVER)],
                [who.removeprefix("ou_") for who in each.called],
                REPEATED in each.text,
                f"{each.title}\n{each.text.replace(REPEATED, '')}",
            )


def judged(simulation: AlertSimulation) -> Verdict:
    """Compare, by what people saw alone."""
    verdict = Verdict(len(simulation.world.past))
    episodes = {(each.rule, each.line): each for each in simulation.world.past}
    told, known = GroupKnows(), set[str]()
    for card in cards_of(simulation.group.seen()):
        verdict.cards += 1
        if card.repeated and card.text in known:
            verdict.repeated += 1
            continue
        known.add(card.text)
        _read(card, simulation, episodes, told, verdict)
    for key, episode in told.standing.items():
        told.spans.setdefault(key, []).append((episode.began, simulation.clock.now()))
    verdict.without_an_end = len(told.standing)
    for each in simulation.world.past:
        for owner in simulation.world.owners_of(each.subject):
            _look_for(each, owner, simulation, told, verdict)
    verdict.left_over = len(simulation.database.rows("SELECT 1 FROM incident WHERE settled_at IS NULL"))
    return verdict


def _read(
    card: Card,
    simulation: AlertSimulation,
    episodes: dict[tuple[str, str], Episode],
    told: GroupKnows,
    verdict: Verdict,
) -> None:
    free = not _troubled(simulation, card.at, card.at)
    verdict.in_quiet_hours += free and card.rule == "quiet" and _in_quiet_hours(card.at)
    opened = [episodes[card.rule, line] for line in card.opened]
    verdict.in_silence += free and any(
        begin + ON_ITS_WAY < card.at < end for each in opened for begin, end in _silences(simulation, each)
    )
    for owner in card.called:
        for subject in card.over:
            if (over := told.standing.pop((card.rule, subject, owner), None)) is None:
                verdict.ended_twice += 1
            else:
                told.spans.setdefault((card.rule, subject, owner), []).append((over.began, card.at))
        for each in opened:
            key = (card.rule, each.subject, owner)
            verdict.opened_twice += key in told.standing or (card.rule, each.line, owner) in told.first
            told.standing[key], told.first[card.rule, each.line, owner] = each, card.at
    subjects = {*card.over, *(each.subject for each in opened)}
    verdict.wrong_mentions += any(set(card.called) - set(simulation.world.owners_of(each)) for each in subjects)


def _look_for(episode: Episode, owner: str, simulation: AlertSimulation, told: GroupKnows, verdict: Verdict) -> None:
    seen = told.first.get((episode.rule, episode.line, owner))
    if seen is None:
        # it goes on with an incident that was not over yet: flapping is calmed
        spans = told.spans.get((episode.rule, episode.subject, owner), [])
        covered = any(begin <= episode.began <= end for begin, end in spans)
        verdict.missed += not covered and _longest_free(episode, simulation) >= SURELY_SAID
    elif episode.rule == "loud":
        seconds = (seen - episode.began).total_seconds()
        if _troubled(simulation, episode.began, seen):
            verdict.slowest_in_trouble = max(verdict.slowest_in_trouble, seconds)
        else:
            verdict.slowest = max(verdict.slowest, seconds)


def _longest_free(episode: Episode, simulation: AlertSimulation) -> timedelta:
    """Return the longest time of an episode in which it may be said."""
    end = episode.ended or simulation.clock.now()
    hushed = [*_silences(simulation, episode), *(_nights(episode.began, end) if episode.rule == "quiet" else ())]
    longest, at = timedelta(), episode.began
    for begin, until in sorted(hushed):
        longest, at = max(longest, min(begin, end) - at), max(at, until)
    return max(longest, end - at)


def _silences(simulation: AlertSimulation, episode: Episode) -> Iterator[tuple[datetime, datetime]]:
    if episode.rule == "calm":
        yield from ((begin, end) for subject, begin, end in simulation.silences if subject == episode.subject)


def _nights(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = first.date() - timedelta(days=1)
    while day <= last.date():
        yield (
            datetime.combine(day, QUIET[0], SHANGHAI),
            datetime.combine(day + timedelta(days=1), QUIET[1], SHANGHAI),
        )
        day += timedelta(days=1)


def _in_quiet_hours(at: datetime) -> bool:
    return any(begin + ON_ITS_WAY < at < end for begin, end in _nights(at, at))


def _troubled(simulation: AlertSimulation, since: datetime, until: datetime) -> bool:
    """Say whether the robot or a sender was unwell."""
    group = simulation.group
    return any(since - AFTER_FAULT <= at <= until for at in group.faults) or any(
        since - AFTER_KILL <= at <= until for at in group.killed
    )
