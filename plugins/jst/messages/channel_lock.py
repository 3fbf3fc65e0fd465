"""The lock by which one process at a time sends on a channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jst.control.database import Database
from jst.control.lock_numbers import MESSAGES
from jst.errors import Retry


@contextmanager
def hold_channel(database: Database, name: str) -> Iterator[bool]:
    """Hold the lock of a channel, or yield False when another process does. It goes with its session: a killed holder
    blocks no other. A holder that lost it is no danger: a message is claimed before it is sent."""
    ((held,),) = database.rows("SELECT pg_try_advisory_lock(%(space)s, hashtext(%(name)s))", space=MESSAGES, name=name)
    try:
        yield bool(held)
    finally:
        if held:
            try:
                database.rows("SELECT pg_advisory_unlock(%(space)s, hashtext(%(name)s))", space=MESSAGES, name=name)
            except Retry:
                database.close()  # the session, and the lock with it, is gone anyway
