"""The page 消息: what was sent, what may have been, what waits and what was left, each with its preview."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jst.ledger.words_page import words_page
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
    ``files``: where the files of such pages are."""

    def channel(name: str) -> str:
        known = channels().get(name)
        return known.title[lang] if known else name

    return words_page(
        ASSETS / "messages.html", lang, files, listed=look.listed, counts=look.counts, pictures=look.pictures,
        silent=look.silent, state=state, channel=channel, titles=_ENGLISH if lang == "en" else STATE_TITLES,
        may_send=may_send, here="messages",
    )  # fmt: skip
