"""The outbox: every message is a row with a key of its own before it is sent, and says afterwards what came of it.

A webhook knows no key by which it would refuse a repetition. So a message is claimed, and the claim committed, before
the request leaves; who dies in between leaves it claimed, and nothing ever sends a report of that state again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg2 import Binary
from psycopg2.extras import Json

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database, named, one, storable
from jst.messages.message import Message, Posted, State

_COLUMNS = """message_id, channel, kind, subject, slot, until, priority, body, state, attempt, put_at, moved_at,
    nullif(due_at, '-infinity') AS due_at, due_at IS NOT NULL AS open, what, "do", again_by"""
_NEXT = f"""
SELECT {_COLUMNS} FROM message AS next
WHERE channel = %(channel)s AND state IN ('waiting', 'refused') AND due_at <= clock_timestamp()
  AND until > clock_timestamp()
  AND NOT (kind = 'incident' AND EXISTS (
      SELECT FROM message AS before
      WHERE before.channel = next.channel AND before.kind = 'incident' AND before.subject = next.subject
        AND before.message_id < next.message_id AND before.due_at IS NOT NULL
        AND before.until > clock_timestamp()))
ORDER BY kind = 'incident' DESC, priority, message_id LIMIT 1"""
"""The word that an incident is over waits for the one that it began."""
_MOVE = """UPDATE message SET state = %(state)s, due_at = %(due)s, what = %(what)s, "do" = %(do)s,
           moved_at = clock_timestamp()"""


class Outbox:
    """All messages; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, message: Message) -> int:
        """Keep a message to be sent; returns its id. When there is one of this channel, kind, subject and slot already,
        whatever it says and whatever became of it, that one stays as it is and its id is returned."""
        return self._db.transaction(lambda cur: put_within(cur, message))

    def next_due(self, channel: str) -> Posted | None:
        """Return what a channel is to send now: incidents before reports, then by priority and age. None: nothing."""
        rows = self._db.named_rows(_NEXT, channel=channel)
        return _posted(rows[0]) if rows else None

    def claim(self, posted: Posted) -> Posted | None:
        """Claim a message for one request, which may leave from now on; None when another process was faster. A repeat
        of a claim whose answer was lost finds it claimed and sends nothing: the message is then ``left``."""

        def work(cur: Cursor) -> Posted | None:
            cur.execute(
                f"""UPDATE message SET state = 'sending', attempt = attempt + 1, moved_at = clock_timestamp()
                    WHERE message_id = %(id)s AND attempt = %(attempt)s AND state = %(state)s AND due_at IS NOT NULL
                    RETURNING {_COLUMNS}""",
                {"id": posted.message_id, "attempt": posted.attempt, "state": posted.state},
            )
            found = named(cur)
            return _posted(found[0]) if found else None

        return self._db.transaction(work)

    def mark(
        self, posted: Posted, state: State, *, what: str = "", do: str = "", due_at: datetime | None = None
    ) -> None:
        """Say what came of the request that ``posted`` was claimed for; ``due_at``: when it may be tried again. Changes
        nothing when the message was claimed again since. That it was sent also stands for one that was thought lost."""
        self._db.rows(
            f"""{_MOVE} WHERE message_id = %(id)s AND attempt = %(attempt)s
                AND (state = 'sending' OR %(state)s = 'sent')""",
            id=posted.message_id, attempt=posted.attempt, state=state, due=due_at, what=storable(what), do=storable(do),
        )  # fmt: skip

    def set_aside(
        self, posted: Posted, state: State, *, what: str, do: str = "", due_at: datetime | None = None
    ) -> None:
        """Note why a message is not sent now although it is due: nothing of it has left. Changes nothing when it was
        claimed since."""
        self._db.rows(
            f"""{_MOVE} WHERE message_id = %(id)s AND attempt = %(attempt)s AND state IN ('waiting', 'refused')""",
            id=posted.message_id, attempt=posted.attempt, state=state, due=due_at, what=storable(what), do=storable(do),
        )  # fmt: skip

    def hold(self, channel: str, what: str, do: str, until: datetime) -> None:
        """Let what waits on a channel wait until ``until``, and say why: its robot takes nothing."""
        self._db.rows(
            """UPDATE message SET due_at = %(until)s, what = %(what)s, "do" = %(do)s
               WHERE channel = %(channel)s AND state IN ('waiting', 'refused') AND due_at < %(until)s""",
            channel=channel, until=until, what=storable(what), do=storable(do),
        )  # fmt: skip

    def release(self, channel: str) -> None:
        """Let everything that waits on a channel be sent now: its robot takes messages."""
        self._db.rows(
            """UPDATE message SET due_at = '-infinity'
               WHERE channel = %(channel)s AND state IN ('waiting', 'refused') AND due_at > clock_timestamp()""",
            channel=channel,
        )

    def due_channels(self) -> list[str]:
        """List the channels on which something is to be done now."""
        rows = self._db.rows(
            """SELECT DISTINCT channel FROM message
               WHERE due_at <= clock_timestamp() OR (due_at IS NOT NULL AND until <= clock_timestamp())"""
        )
        return [channel for (channel,) in rows]

    def left(self, channel: str) -> list[Posted]:
        """List what is claimed on a channel: to a process that holds the channel's lock and has claimed nothing itself,
        what a sender left that died or lost the lock."""
        rows = self._db.named_rows(
            f"SELECT {_COLUMNS} FROM message WHERE channel = %(channel)s AND state = 'sending' ORDER BY message_id",
            channel=channel,
        )
        return [_posted(row) for row in rows]

    def skip_ended(self) -> int:
        """Set aside what is of no use any more; one that was refused stays so. Returns how many."""
        return len(
            self._db.rows(
                """UPDATE message
                   SET due_at = NULL, moved_at = clock_timestamp(),
                       state = CASE state WHEN 'waiting' THEN 'skipped' ELSE state END,
                       what = CASE what WHEN '' THEN '到了截止时间还没有发出' ELSE what || '；截止时间已过' END
                   WHERE state IN ('waiting', 'refused') AND due_at IS NOT NULL AND until <= clock_timestamp()
                   RETURNING message_id"""
            )
        )

    def send_again(self, message_id: int, by: str) -> bool:
        """Let a message be sent once more although it may have been, was refused or skipped: a person decided that. It
        has an hour for it at least. Returns whether there was such a message."""
        return bool(
            self._db.rows(
                """UPDATE message SET state = 'waiting', due_at = '-infinity', again_by = %(by)s, what = '', "do" = '',
                       until = greatest(until, clock_timestamp() + interval '1 hour'), moved_at = clock_timestamp()
                   WHERE message_id = %(id)s AND state IN ('maybe_sent', 'refused', 'skipped') RETURNING message_id""",
                id=message_id, by=storable(by),
            )
        )  # fmt: skip

    def one(self, message_id: int) -> Posted | None:
        """Return a message, None when there is none of this id."""
        rows = self._db.named_rows(f"SELECT {_COLUMNS} FROM message WHERE message_id = %(id)s", id=message_id)
        return _posted(rows[0]) if rows else None

    def picture(self, message_id: int) -> bytes | None:
        """Return a message's picture, None when it has none, or none any more."""
        rows = self._db.rows("SELECT png FROM message_picture WHERE message_id = %(id)s", id=message_id)
        return bytes(rows[0][0]) if rows else None

    def with_picture(self, message_ids: Sequence[int]) -> set[int]:
        """Return those of ``message_ids`` whose picture is still kept."""
        sql = "SELECT message_id FROM message_picture WHERE message_id = ANY(%(ids)s)"
        return {number for (number,) in self._db.rows(sql, ids=list(message_ids))}

    def listed(self, state: State | None = None, most: int = 200) -> list[Posted]:
        """List messages, the newest first; of one ``state``, or of all."""
        rows = self._db.named_rows(
            f"""SELECT {_COLUMNS} FROM message WHERE state = coalesce(%(state)s, state)
                ORDER BY message_id DESC LIMIT %(most)s""",
            state=state, most=most,
        )  # fmt: skip
        return [_posted(row) for row in rows]

    def counts(self) -> dict[State, int]:
        """Count the messages by state."""
        return dict(self._db.rows("SELECT state, count(*) FROM message GROUP BY state"))


def put_within(cur: Cursor, message: Message) -> int:
    """Do what ``Outbox.put`` does within the caller's transaction: what is noted as said and its message stand or fall
    together."""
    key = {
        "channel": message.channel, "kind": message.kind, "subject": storable(message.subject),
        "slot": storable(message.slot),
    }  # fmt: skip
    cur.execute(
        """INSERT INTO message (channel, kind, subject, slot, priority, until, body)
           VALUES (%(channel)s, %(kind)s, %(subject)s, %(slot)s, %(priority)s, %(until)s, %(body)s)
           ON CONFLICT DO NOTHING RETURNING message_id""",
        {**key, "priority": message.priority, "until": message.until, "body": Json(_body(message))},
    )
    row = cur.fetchone()
    if row is None:
        cur.execute(
            """SELECT message_id FROM message WHERE channel = %(channel)s AND kind = %(kind)s
               AND subject = %(subject)s AND slot = %(slot)s""",
            key,
        )
        return int(one(cur)[0])
    if message.picture is not None:
        cur.execute("INSERT INTO message_picture VALUES (%s, %s)", (row[0], Binary(message.picture)))
    return int(row[0])


def _body(message: Message) -> dict[str, Any]:
    return {
        "title": _clean(message.title), "lines": [_clean(line) for line in message.lines], "link": message.link,
        "link_title": message.link_title, "severity": message.severity, "mentions": list(message.mentions),
        "reference": message.reference, "picture_url": message.picture_url,
    }  # fmt: skip


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\x00", "?")


def _posted(row: Mapping[str, Any]) -> Posted:
    body = row["body"]
    message = Message(
        channel=row["channel"], kind=row["kind"], subject=row["subject"], slot=row["slot"],
        until=row["until"].astimezone(SHANGHAI), priority=row["priority"],
        **{**body, "lines": tuple(body["lines"]), "mentions": tuple(body["mentions"])},
    )  # fmt: skip
    due = row["due_at"] or row["put_at"] if row["open"] else None
    return Posted(
        row["message_id"], message, row["state"], row["attempt"], row["put_at"].astimezone(SHANGHAI),
        row["moved_at"].astimezone(SHANGHAI), due and due.astimezone(SHANGHAI), row["what"], row["do"],
        row["again_by"],
    )  # fmt: skip
