"""One look at the outbox after the other: which channels have something due, and a sender for each of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from jst.clock import Clock
from jst.control.database import Database
from jst.control.postgres_migrations import check_schema
from jst.messages.channels import channels
from jst.messages.outbox import Outbox
from jst.messages.robots import Connection
from jst.messages.sender import Directory, Sender


class Place(Protocol):
    """Where messages lie, and the time there."""

    @property
    def database(self) -> Database:
        """The control database, in a session of its own."""

    @property
    def clock(self) -> Clock:
        """The time."""


class MessageRound:
    """Used by one process. ``place``: opens a session; each channel has one, so that a slow robot holds up no other and
    no two threads share any."""

    def __init__(
        self, place: Callable[[], AbstractContextManager[Place]], connection: Connection, people: Directory
    ) -> None:
        self._place, self._connection, self._people = place, connection, people
        self._open, self._senders = ExitStack(), dict[str, Sender]()
        self._outbox: Outbox | None = None

    def due(self) -> list[str]:
        """List the channels with something to do; what is of no use any more is skipped, also on channels that are no
        longer in messages.yaml."""
        if self._outbox is None:
            database = self._open.enter_context(self._place()).database
            check_schema(database)
            self._outbox = Outbox(database)
        found = self._outbox.due_channels()
        if found:
            self._outbox.skip_ended()
        known = channels()
        return [name for name in found if name in known]

    def send(self, name: str) -> int:
        """Send what is due on a channel; returns how many were accepted."""
        sender = self._senders.get(name)
        if sender is None:
            place = self._open.enter_context(self._place())
            sender = Sender(place.database, channels()[name], self._connection, self._people, place.clock)
            self._senders[name] = sender
        return sender.send_due()

    def close(self) -> None:
        """Close the sessions."""
        self._open.close()
