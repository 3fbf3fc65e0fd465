"""Index of the dead letters: where each lies in Kafka, why, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extras import execute_values

from jst.control.database import Cursor, Database


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """``topic``, ``partition``, ``position`` say where the letter itself lies; ``cause`` is its Chinese sentence."""

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


class Letters:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entries: Sequence[LetterEntry]) -> None:
        """Index letters that Kafka has acknowledged; indexing one twice changes nothing."""
        if not entries:
            return

        def work(cur: Cursor) -> None:
            execute_values(
                cur,
                """INSERT INTO letter (topic, partition, position, module, plan_id, attempt, page, key, reason, cause)
                   VALUES %s ON CONFLICT DO NOTHING""",
                [
                    (e.topic, e.partition, e.position, e.module, e.plan_id, e.attempt, e.page, e.key, e.reason, e.cause)
                    for e in entries
                ],
            )

        self._db.transaction(work)
