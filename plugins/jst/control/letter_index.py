"""Index of the dead letters: where each lies in Kafka, why, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

from psycopg2.extras import execute_values

from jst.control.database import Cursor, Database
from jst.control.plan_states import settle_letters
from jst.control.watermarks import follow_complete


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """One dead letter. ``topic``, ``partition``, ``position`` say where the letter itself lies; ``plan_id`` whose
    window it holds open; ``cause`` is its Chinese sentence; ``identity`` is equal for the same content with the same
    fault."""

    topic: str
    partition: int
    position: int
    module: str
    plan_id: str
    attempt: int
    page: int
    key: str
    reason: str
    cause: str
    identity: bytes


_NAMES = "topic, partition, position, module, plan_id, attempt, page, key, reason, cause, identity"


class LetterIndex:
    """The index of all letters; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def unsettled(self, plan_id: str) -> set[bytes]:
        """Return identities of the letters that hold this plan's window open, or are parked."""
        rows = self._db.rows(
            "SELECT identity FROM letter WHERE plan_id = %(plan_id)s AND state <> 'redriven'", plan_id=plan_id
        )
        return {bytes(identity) for (identity,) in rows if identity is not None}

    def add(self, entries: Sequence[LetterEntry]) -> None:
        """Index letters that Kafka has acknowledged; indexing one twice changes nothing. One that was redriven and is
        bad again is open again."""
        if not entries:
            return

        def work(cur: Cursor) -> None:
            execute_values(
                cur,
                f"""UPDATE letter SET (topic, partition, position, attempt, page, cause, state, tries, met, tried_at) =
                        (v.topic, v.partition, v.position, v.attempt, v.page, v.cause, 'open', 0, true, NULL)
                    FROM (VALUES %s) AS v ({_NAMES})
                    WHERE letter.plan_id = v.plan_id AND letter.identity = v.identity AND state = 'redriven'""",
                [astuple(entry) for entry in entries],
            )
            execute_values(
                cur,
                f"INSERT INTO letter ({_NAMES}) VALUES %s ON CONFLICT DO NOTHING",
                [astuple(entry) for entry in entries],
            )

        self._db.transaction(work)

    def scanned(self, topic: str) -> dict[int, int]:
        """Return partition → the first offset that has not been compared with the index."""
        return dict(self._db.rows("SELECT partition, position FROM letter_scan WHERE topic = %(topic)s", topic=topic))

    def found(self, topic: str, entries: Sequence[LetterEntry], ends: Mapping[int, int]) -> tuple[int, int]:
        """Index what lay in Kafka and was not indexed (its producer was killed in between), and move the position of
        the scan to ``ends`` with it. ``plan_id`` is here the plan that was being pulled.

        A letter of an attempt that another one has overtaken is settled already. Returns how many were indexed, and how
        many belong to plans that are unknown: a control database that was lost is filled by pulling again.
        """

        def work(cur: Cursor) -> tuple[int, int]:
            fresh, known = list[tuple[str, str]](), set[str]()
            if entries:
                fresh = execute_values(
                    cur,
                    f"""INSERT INTO letter ({_NAMES}, state)
                        SELECT v.topic, v.partition, v.position, v.module, coalesce(redrives, plan.plan_id), v.attempt,
                               v.page, v.key, v.reason, v.cause, v.identity,
                               CASE WHEN v.attempt < plan.attempt THEN 'redriven' ELSE 'open' END
                        FROM (VALUES %s) AS v ({_NAMES}) JOIN plan ON plan.plan_id = v.plan_id
                        ON CONFLICT DO NOTHING RETURNING plan_id, module""",
                    [astuple(entry) for entry in entries],
                    fetch=True,
                )
                cur.execute(
                    "SELECT plan_id FROM plan WHERE plan_id IN %s", (tuple({entry.plan_id for entry in entries}),)
                )
                known = {plan_id for (plan_id,) in cur.fetchall()}
            settle_letters(cur, {plan_id for plan_id, _ in fresh})
            for module in sorted({module for _, module in fresh}):
                follow_complete(cur, module)
            execute_values(
                cur,
                """INSERT INTO letter_scan (topic, partition, position) VALUES %s
                   ON CONFLICT (topic, partition) DO UPDATE SET position = excluded.position""",
                [(topic, partition, end) for partition, end in ends.items()],
            )
            return len(fresh), sum(entry.plan_id not in known for entry in entries)

        return self._db.transaction(work)
