"""The page 消息: what was sent, what may have been, what waits and what was left, each with its preview."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from jst.clock import SHANGHAI
from jst.ledger.english import english
from jst.messages.channels import Channel, channels
from jst.messages.message import STATE_TITLES, Posted, State

ASSETS = Path(__file__).parent / "assets"
ICONS = ("icon.svg", "icon-dark.svg")
"""Of the entry in Airflow's menu."""
_ENGLISH: dict[State, str] = {
    "waiting": "Waiting", "sending": "Sending", "sent": "Sent", "maybe_sent": "Maybe sent", "refused": "Refused",
    "skipped": "Skipped",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutboxLook:
    """What the page shows. ``pictures``: ids of messages that still have one; ``silent``: channels without a
    connection."""

    listed: Sequence[Posted]
    counts: Mapping[State, int]
    pictures: Collection[int]
    silent: Sequence[Channel]


def messages_page(look: OutboxLook, *, state: State | None, lang: str, may_send: bool, files: str) -> str:
    """Render it. ``state``: only these are listed; ``lang``: zh or en; ``may_send``: the user may send again;
    ``files``: where the boards' files are."""
    en = lang == "en"

    def say(zh: str, english: str) -> str:
        return english if en else zh

    def channel(name: str) -> str:
        known = channels().get(name)
        return known.title[lang] if known else name

    def in_words(sentence: str) -> str:
        return english(sentence) if en else sentence

    return _template().render(
        listed=look.listed, counts=look.counts, pictures=look.pictures, silent=look.silent, state=state, en=en, say=say,
        in_words=in_words,
        channel=channel, titles=_ENGLISH if en else STATE_TITLES, may_send=may_send, files=files, here="messages",
    )  # fmt: skip


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["at"] = _at
    return environment.get_template("messages.html")


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}"
